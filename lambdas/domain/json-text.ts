/**
 * One member of a JSON object, read and replaced in the text itself. Parsing and writing anew would change what other people
 * wrote: `1.0` to `1`, `1e400` to `null`, the order of keys, their layout, their escapes, keys that stand twice.
 */

interface Member {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly start: number;
  readonly end: number;
}

export type Found =
  | { readonly kind: 'not-an-object' }
  | { readonly kind: 'missing' }
  /** Which of them counts, depends on who reads it. */
  | { readonly kind: 'twice' }
  | { readonly kind: 'found'; readonly value: unknown };

export function memberOf(json: string, key: string): Found {
  const members = membersOf(json);
  if (!members) return { kind: 'not-an-object' };
  const [member, twin] = members.filter((each) => each.key === key);
  if (twin) return { kind: 'twice' };
  return member ? { kind: 'found', value: JSON.parse(json.slice(member.start, member.end)) } : { kind: 'missing' };
}

/**
 * The text with this member's value replaced, or with the member added at the end in the layout of the last one.
 * @throws TypeError for a text that is no JSON object
 */
export function withMember(json: string, key: string, value: string): string {
  const members = membersOf(json);
  if (!members) throw new TypeError('not a JSON object');
  const member = members.find((each) => each.key === key);
  if (member) return json.slice(0, member.start) + JSON.stringify(value) + json.slice(member.end);
  const last = members.at(-1);
  const [name, text] = [JSON.stringify(key), JSON.stringify(value)];
  if (!last) return json.replace('{', () => `{${name}:${text}`);
  const before = /\s*$/.exec(json.slice(0, last.keyStart))?.[0] ?? '';
  const between = json.slice(last.keyEnd, last.start);
  return `${json.slice(0, last.end)},${before}${name}${between}${text}${json.slice(last.end)}`;
}

/** Strings, punctuation, and numbers or words, of a text that `JSON.parse` has taken. */
const PIECES = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** The members of the outermost object, in their order; `undefined` when the text is not JSON, or no object. */
function membersOf(json: string): readonly Member[] | undefined {
  if (!isObject(json)) return undefined;
  const members: Member[] = [];
  let depth = 0;
  let key: Pick<Member, 'key' | 'keyStart' | 'keyEnd'> | undefined;
  let start: number | undefined;
  for (const { 0: piece, index } of json.matchAll(PIECES)) {
    const end = index + piece.length;
    if (piece === '}' || piece === ']') depth -= 1;
    if (depth === 1 && piece === ',') key = undefined;
    else if (depth === 1 && piece !== ':' && !key) {
      key = { key: JSON.parse(piece), keyStart: index, keyEnd: end };
      start = undefined;
    } else if (depth === 1 && piece !== ':' && key) {
      // A value of several pieces ends more than once: the last end is the one.
      if (start !== undefined) members.pop();
      start ??= index;
      members.push({ ...key, start, end });
    }
    if (piece === '{' || piece === '[') depth += 1;
  }
  return members;
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
