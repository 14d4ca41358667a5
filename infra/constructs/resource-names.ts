/**
 * Room for all the names that a role is allowed, in characters of ARNs. A role takes 10,240 characters inline and ten managed policies
 * of 6,144, which CDK fills by itself; this leaves room for the rest. Beyond it, folders stand for the names.
 */
export const ROOM = 50_000;
/** What an ARN has besides the name, with quotes and comma. */
const ARN_LENGTH = 75;

export type Kind = 'ssm' | 'secret';
/** Characters, or ARNs, of each kind. */
export type Rooms = Readonly<Record<Kind, number>>;

/** How many ARNs a name has in a role. A secret has two: its bare name, and that with what AWS adds; what is written has one more. */
export const COPIES = { read: { ssm: 1, secret: 2 }, written: { ssm: 1, secret: 3 } } as const satisfies Record<
  string,
  Rooms
>;

/** An ARN stands for itself, and never becomes a folder. */
const isArn = (name: string) => name.startsWith('arn:');
const lengthOf = (name: string) => (isArn(name) ? name.length + 3 : name.length + ARN_LENGTH);

/** The room that the names take when each is listed. */
export const needOf = (names: readonly string[], copies: number): number =>
  copies * names.reduce((sum, name) => sum + lengthOf(name), 0);

/** What each gets of `total`: all that it needs while there is enough, and of the rest each the same. */
export function shares(needs: readonly number[], total: number): readonly number[] {
  let left = total;
  const given = new Map<number, number>();
  const smallestFirst = needs.map((need, index) => ({ need, index })).sort((a, b) => a.need - b.need);
  for (const [done, { need, index }] of smallestFirst.entries()) {
    const share = Math.min(need, Math.floor(left / (needs.length - done)));
    given.set(index, share);
    left -= share;
  }
  return needs.map((_, index) => given.get(index) ?? 0);
}

/**
 * The names themselves while there is room; otherwise the deepest cut into folders (`/paddle/eu/*`) for which there is. ARNs stay.
 * @param copies how many ARNs a name needs
 * @throws RangeError when nothing but a wildcard over everything would do
 */
export function namesOrFolders(names: readonly string[], copies = 1, room = ROOM): readonly string[] {
  const unique = [...new Set(names)].sort();
  const fits = (cut: readonly string[]) => needOf(cut, copies) <= room;
  if (fits(unique)) return unique;
  const [arns, own] = [unique.filter(isArn), unique.filter((name) => !isArn(name))];
  const levels = own.map((name) => ({ name, levels: levelsOf(name) }));
  const deepest = levels.reduce((most, each) => Math.max(most, each.levels.length - 1), 0);
  for (let depth = deepest; depth >= 1; depth -= 1) {
    const folders = [...arns, ...new Set(levels.map((each) => folder(each, depth)))];
    if (fits(folders)) return folders;
  }
  throw new RangeError(
    `${unique.length} are too many to be listed one by one; put them into common folders, such as /paddle/…`,
  );
}

const levelsOf = (name: string) => name.split('/').filter((level) => level !== '');

/** The first `depth` levels and a wildcard; a name that is not as deep stays as it is. */
function folder({ name, levels }: { name: string; levels: readonly string[] }, depth: number): string {
  if (levels.length <= depth) return name;
  return `${name.startsWith('/') ? '/' : ''}${levels.slice(0, depth).join('/')}/*`;
}
