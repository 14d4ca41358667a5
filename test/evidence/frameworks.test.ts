/** What frameworks serve, read: a token is found in every place, and a page without it is clean. */
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import { counted } from '../counts.ts';
import { MODELS } from './models/index.ts';
import { clean, holding, placesOf } from './models/model.ts';
import { NEW, OLD, type PageCase, servePage } from './pages/page-case.ts';

async function verdictOf(subject: PageCase): Promise<string> {
  const served = await servePage(subject);
  try {
    const site = { url: served.url, extraOrigins: [] };
    const scanner = createSiteScanner({ allowPrivateHosts: served.hosts });
    const { verdict, reasons } = await scanner.inspect(site, { superseded: OLD, current: NEW });
    return verdict === 'superseded' ? verdict : [verdict, ...reasons.map(({ message }) => message)].join(' ');
  } finally {
    await served.close();
  }
}

let places = 0;
afterAll(() => counted('places of frameworks', places));

describe.each(MODELS.map((model) => [model.framework, model] as const))('a page by %s', (_name, model) => {
  test('serves no token that is not found, wherever it sits', async () => {
    const found: Record<string, string> = {};
    for (const place of placesOf(model)) {
      found[place] = await verdictOf(holding(model, place));
      places += 1;
    }
    expect(found).toEqual(Object.fromEntries(placesOf(model).map((place) => [place, 'superseded'])));
    expect(Object.keys(found).length).toBeGreaterThanOrEqual(10);
  });

  test('is clean without it', async () => {
    expect(await verdictOf(clean(model))).toBe('current');
  });
});
