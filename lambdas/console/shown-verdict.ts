/** The verdict as the console shows it: ids by their ends, instants as people say them. */
import type { Instant } from '../domain/model.ts';
import { type Judged, type Verdict, verdictOf } from '../domain/verdict.ts';
import { readable, shortIds } from './when.ts';

/** What stands behind a relative time is elsewhere on the page. */
const BEHIND = / \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g;
const inBrief = (text: string): string => readable(shortIds(text.replace(BEHIND, '')));

export function shownVerdict(view: Judged, now: Instant): Verdict {
  const { level, sentence, standstills } = verdictOf(view, now);
  return {
    level,
    sentence: inBrief(sentence),
    standstills: standstills.map((one) => ({ ...one, why: inBrief(one.why), ends: inBrief(one.ends) })),
  };
}
