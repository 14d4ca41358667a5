/** From what is asked for to the markup that answers it. Reads, judges, renders; changes nothing. */

import type { Instant } from '../domain/model.ts';
import type { Clock, Ids } from '../domain/ports.ts';
import { instant } from '../domain/time.ts';
import { renderDetails } from './details.ts';
import { DOCUMENTATION } from './documentation.ts';
import { lanesOf } from './lanes.ts';
import { renderList } from './list.ts';
import type { Loaded, Readings } from './ports.ts';
import { parseWanted } from './request.ts';
import type { Frame, IntegrationView } from './view.ts';

/** So many are read for one page, or a list of ten thousand would take half a minute. */
export const MOST_READ = 2_000;

export interface ConsoleParts {
  readonly readings: Readings;
  readonly clock: Clock;
  readonly ids: Ids;
  /** ARN of `rotate`. */
  readonly rotate: string;
  /** The reconciler's own view of an integration. */
  judge(loaded: Loaded, now: Instant): IntegrationView;
}

/** @returns HTML without a script; for `describe`, Markdown */
export function createConsole({ readings, clock, ids, rotate, judge }: ConsoleParts) {
  return async (event: unknown, self: string): Promise<string> => {
    const wanted = parseWanted(event);
    if (wanted.describe) return DOCUMENTATION;
    const now = instant(clock.now());
    const endpoints = { console: self, rotate };
    const frame: Frame = { now, theme: wanted.theme, endpoints, renderId: ids.next() };
    const [chosen] = wanted.integration === undefined ? [] : await readings.load([wanted.integration]);
    if (chosen) return details(frame, chosen);
    const search = wanted.search || (wanted.integration ?? '');
    const names = await readings.names();
    const matching = names.filter((name) => name.includes(search.toLowerCase()));
    const loaded = await readings.load(matching.slice(0, MOST_READ));
    const [only] = loaded;
    if (only && names.length === 1 && loaded.length === 1) return details(frame, only, true);
    return renderList(frame, {
      integrations: loaded.map((one) => judge(one, now)),
      ...{ search, page: wanted.page, registered: names.length, matching: matching.length },
    });
  };

  async function details(frame: Frame, loaded: Loaded, alone = false): Promise<string> {
    const { name, seen: listens } = loaded.config;
    const drawn = lanesOf(loaded.state, frame.now).map(({ token }) => token.id);
    const [usage, trail, seen] = await Promise.all([
      readings.usage(name),
      readings.trail(name, drawn),
      listens ? readings.seen(name) : [],
    ]);
    return renderDetails(frame, { ...described(judge(loaded, frame.now)), usage, trail, seen }, alone);
  }
}

/** A judgement may be made only when it is looked at; a copy looks at all of it. */
const described = ({ config, state, next, upcoming, atStake }: IntegrationView): IntegrationView => ({
  ...{ config, state, next, upcoming, atStake },
});
