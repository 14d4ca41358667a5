/** `JSON.parse` takes the last of two values that have the same name, and forgets the other. */

const TOKENS = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;

/** @param json text that is JSON @returns a name that one object has twice */
export function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, colon] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name: string = JSON.parse(token.slice(0, -colon.length));
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}
