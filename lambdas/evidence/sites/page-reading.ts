/** What the sources saw of a page, for whoever watches it. Pure. */
import type { PageReading } from './finding.ts';
import { type JudgedPage, judgePage } from './judge.ts';
import type { PageObservation, Sighting } from './observation.ts';

/** A run of a token's characters may be an accident: it needs another source that sees more. */
const isCertain = ({ which, how }: Sighting): boolean => which === 'superseded' && how !== 'fragment';

/** Is the next source to be asked? A page on which the current token stands, and no other, leaves no doubt. */
export function leavesDoubt(observations: readonly PageObservation[]): boolean {
  const sightings = observations.flatMap((each) => each.sightings);
  if (sightings.some(isCertain)) return false;
  if (observations.some(({ caching }) => caching.some(({ by }) => by === 'service-worker'))) return true;
  const isShown = sightings.some(({ which }) => which === 'current');
  return !isShown || sightings.some(({ which }) => which === 'superseded');
}

export function readingOf(page: JudgedPage, observations: readonly PageObservation[]): PageReading {
  const sightings = observations.flatMap((each) => each.sightings);
  const gone = sightings.find(isCertain);
  const { cache } = judgePage(page, observations);
  return {
    url: page.url,
    servesGone: gone !== undefined,
    showsCurrent: sightings.some(({ which }) => which === 'current'),
    // What was found counts, even on a page of which no more could be read.
    isRead: gone !== undefined || observations.some(({ failure }) => !failure),
    ...(gone ? { foundIn: gone.url } : {}),
    ...(cache ? { cache } : {}),
  };
}
