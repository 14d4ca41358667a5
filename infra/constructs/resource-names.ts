/** IAM gives a role room for about a hundred names of parameters or secrets; beyond that, folders stand for them. */
const MAX_NAMES = 50;

/**
 * The names themselves while they are few; otherwise the deepest cut into folders (`/paddle/eu/*`) that is few enough.
 * @throws RangeError when nothing but a wildcard over everything would do
 */
export function namesOrFolders(names: readonly string[], limit = MAX_NAMES): readonly string[] {
  const unique = [...new Set(names)].sort();
  if (unique.length <= limit) return unique;
  const deepest = Math.max(...unique.map((name) => levelsOf(name).length - 1));
  for (let depth = deepest; depth >= 1; depth -= 1) {
    const folders = new Set(unique.map((name) => folder(name, depth)));
    if (folders.size <= limit) return [...folders];
  }
  throw new RangeError(
    `${unique.length} targets are too many to be listed in a policy; put them into common folders, such as /paddle/…`,
  );
}

const levelsOf = (name: string) => name.split('/').filter((level) => level !== '');

/** The first `depth` levels and a wildcard; a name that is not as deep stays as it is. */
function folder(name: string, depth: number): string {
  const levels = levelsOf(name);
  if (levels.length <= depth) return name;
  return `${name.startsWith('/') ? '/' : ''}${levels.slice(0, depth).join('/')}/*`;
}
