/** The judge of the site scan: sites as real tools build them, with a token in every place where one can sit. */
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import { counted } from '../counts.ts';
import { type FolderOptions, folders, type SiteServer, serve } from '../fakes/site-server.ts';
import {
  type Build,
  buildSite,
  copyOfBuild,
  NEXT_RECIPE,
  RECIPES,
  type Recipe,
  removeBuilds,
  tokenFor,
} from './site-builds.ts';

/** Builds have the processors of a busy machine to share. */
const BUILDS_MS = 600_000;

// All of them are begun at once, the longest first: scans run while others are still built.
for (const recipe of [NEXT_RECIPE, ...RECIPES]) void buildSite(recipe);
afterAll(removeBuilds, BUILDS_MS);

let scans = 0;
afterAll(() => counted('scans of built sites', scans));

/** A busy machine is no fault of a site. */
const PATIENT = { requestTimeoutMs: 60_000, scanTimeoutMs: 180_000 };
const NOWHERE = tokenFor('nobody serves this one');

function scanner(server: SiteServer) {
  const sites = createSiteScanner({ allowPrivateHosts: [server.host], limits: PATIENT });
  return (page: string, superseded: string, current: string) => {
    scans += 1;
    return sites.scan({ url: server.origin + page, extraOrigins: [] }, { superseded, current });
  };
}

async function during<T>(
  roots: readonly Build[],
  options: FolderOptions,
  body: (server: SiteServer) => Promise<T>,
): Promise<T> {
  const server = await serve(
    folders(
      roots.map(({ folder }) => folder),
      options,
    ),
  );
  try {
    return await body(server);
  } finally {
    await server.close();
  }
}

/** Place -> verdict of a scan for the token that sits there, with the reason when it is not what it should be. */
async function verdicts(build: Build, server: SiteServer): Promise<Record<string, string>> {
  const scan = scanner(server);
  const result: Record<string, string> = {};
  for (const [place, token] of Object.entries(build.tokens)) {
    const { verdict, message } = await scan(build.page, token, NOWHERE);
    result[place] = verdict === 'superseded' ? verdict : `${verdict}: ${message}`;
  }
  return result;
}

const PLACES: Record<Recipe['source'], number> = { plain: 14, bundled: 13, next: 7 };

describe.each([...RECIPES, NEXT_RECIPE])('a site by $name', (recipe) => {
  let build: Build;
  beforeAll(async () => {
    build = await buildSite(recipe);
  }, BUILDS_MS);

  test(
    'serves no token that is not found, wherever it sits',
    async () => {
      const found = await during([build], { gzip: true }, (server) => verdicts(build, server));
      const places = Object.keys(build.tokens);
      expect(places.length).toBe(PLACES[recipe.source] + (recipe.settings?.many ? 1 : 0));
      expect(found).toEqual(Object.fromEntries(places.map((place) => [place, 'superseded'])));
    },
    BUILDS_MS,
  );

  test.each(
    Object.entries<FolderOptions>({
      'an ordinary server': {},
      'a server that answers the page for any path': { spa: true },
    }),
  )(
    'is found clean of another token, on %s',
    async (_name, options) => {
      await during([build], options, async (server) => {
        for (const control of Object.values(build.tokens).slice(0, 2)) {
          const finding = await scanner(server)(build.page, NOWHERE, control);
          expect([finding.verdict, finding.message]).toEqual(['current', expect.any(String)]);
        }
      });
    },
    BUILDS_MS,
  );
});

test(
  'a half-deployed site is never clean: old and new builds take turns',
  async () => {
    const recipe = RECIPES.find(({ name }) => name === 'Rollup') as Recipe;
    const [before, after] = [await buildSite(recipe), await buildSite(recipe, 'after')];
    await during([before, after], {}, async (server) => {
      for (const place of Object.keys(before.tokens)) {
        const { verdict } = await scanner(server)(before.page, before.tokens[place] ?? '', after.tokens[place] ?? '');
        expect([place, ['superseded', 'incomplete', 'unreadable'].includes(verdict)]).toEqual([place, true]);
      }
    });
  },
  BUILDS_MS,
);

test(
  'a chunk of the old build that is still on the server, but that nothing names, is out of use',
  async () => {
    const recipe = RECIPES.find(({ name }) => name === 'Rollup') as Recipe;
    const [before, after] = [await copyOfBuild(await buildSite(recipe)), await buildSite(recipe, 'after')];
    const { cp } = await import('node:fs/promises');
    // What most deployments do: upload over what is there.
    await cp(after.folder, before.folder, { recursive: true });
    await during([before], {}, async (server) => {
      const old = before.tokens['deepest-dynamic-import'] ?? '';
      const finding = await scanner(server)(before.page, old, after.tokens['deepest-dynamic-import'] ?? '');
      expect(finding.verdict).toBe('current');
    });
  },
  BUILDS_MS,
);

test(
  'a missing chunk of a build is an error, never evidence',
  async () => {
    const recipe = RECIPES.find(({ name }) => name === 'webpack, hashed names') as Recipe;
    const build = await copyOfBuild(await buildSite(recipe));
    const { readdir, rm } = await import('node:fs/promises');
    const chunks = (await readdir(build.folder, { recursive: true })).filter((name) => name.endsWith('.chunk.js'));
    expect(chunks.length).toBeGreaterThan(3);
    await rm(`${build.folder}/${chunks[0]}`);
    await during([build], {}, async (server) => {
      const finding = await scanner(server)(build.page, NOWHERE, build.tokens['html-inline'] ?? '');
      expect(finding).toMatchObject({ verdict: 'incomplete', message: expect.stringContaining('answered 404') });
    });
  },
  BUILDS_MS,
);
