/**
 * Room for the names of one kind, in characters of ARNs. A role takes 10,240 characters inline and ten managed policies of 6,144,
 * which CDK fills by itself; this leaves room for two kinds and the rest. Beyond it, folders stand for the names.
 */
export const ROOM = 20_000;
/** What an ARN has besides the name, with quotes and comma. */
const ARN_LENGTH = 75;

/**
 * The names themselves while there is room; otherwise the deepest cut into folders (`/paddle/eu/*`) for which there is.
 * @param copies how many ARNs a name needs
 * @throws RangeError when nothing but a wildcard over everything would do
 */
export function namesOrFolders(names: readonly string[], copies = 1, room = ROOM): readonly string[] {
  const unique = [...new Set(names)].sort();
  const fits = (cut: readonly string[]) =>
    copies * cut.reduce((sum, name) => sum + name.length + ARN_LENGTH, 0) <= room;
  if (fits(unique)) return unique;
  const deepest = Math.max(...unique.map((name) => levelsOf(name).length - 1));
  for (let depth = deepest; depth >= 1; depth -= 1) {
    const folders = [...new Set(unique.map((name) => folder(name, depth)))];
    if (fits(folders)) return folders;
  }
  throw new RangeError(
    `${unique.length} are too many to be listed one by one; put them into common folders, such as /paddle/…`,
  );
}

const levelsOf = (name: string) => name.split('/').filter((level) => level !== '');

/** The first `depth` levels and a wildcard; a name that is not as deep stays as it is. */
function folder(name: string, depth: number): string {
  const levels = levelsOf(name);
  if (levels.length <= depth) return name;
  return `${name.startsWith('/') ? '/' : ''}${levels.slice(0, depth).join('/')}/*`;
}
