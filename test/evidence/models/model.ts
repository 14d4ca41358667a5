/**
 * What frameworks really serve, made small: the files, the names, the markup and the formats are those of the shops under
 * `test/resources/frameworks`, as their tools built them; what fills them is ours. `npm run test:frameworks` builds these
 * shops anew, and says when a model is no longer true.
 */
import { NEW, OLD, type PageCase, type Routes } from '../pages/page-case.ts';

export interface Model {
  /** As in `test/frameworks/recipes.ts`. */
  readonly framework: string;
  /** @param token what stands in a place */
  readonly files: (token: (place: string) => string) => Routes;
}

export function placesOf({ files }: Model): readonly string[] {
  const places = new Set<string>();
  files((place) => {
    places.add(place);
    return NEW;
  });
  return [...places];
}

/** The page with the superseded token in one place, and the current one in all others. */
export const holding = (model: Model, place: string): PageCase => ({
  name: `${model.framework}: ${place}`,
  wants: 'superseded',
  path: '/',
  site: () => model.files((each) => (each === place ? OLD : NEW)),
});

export const clean = (model: Model): PageCase => ({
  name: `${model.framework}: clean`,
  wants: 'current',
  path: '/',
  site: () => model.files(() => NEW),
});
