/** When a schedule falls due. Pure: the same schedule and instant always give the same slot. */
import { Cron } from 'croner';
import { stableHash } from './hash.ts';
import type { Instant, IntegrationConfig, IntegrationState, Schedule } from './model.ts';
import { instant, later, latest, SECOND } from './time.ts';

/**
 * The first slot strictly after `after`. Cron slots are wall-clock times in the schedule's zone: a time that a DST
 * change skips falls at the moment of the change, one that it repeats falls once.
 * @throws RangeError for a cron expression that never fires again
 */
export function nextSlot(schedule: Schedule, after: Instant): Instant {
  const known = lastSlots.get(schedule);
  if (known?.after === after) return known.slot;
  const slot = 'every' in schedule ? later(after, schedule.every) : cronSlot(schedule, after);
  lastSlots.set(schedule, { after, slot });
  return slot;
}

/** Each decision of a run asks for the same slot, and calendars are costly. */
const lastSlots = new WeakMap<Schedule, { readonly after: Instant; readonly slot: Instant }>();

function cronSlot(schedule: Extract<Schedule, { cron: string }>, after: Instant): Instant {
  const next = new Cron(schedule.cron, { timezone: schedule.timezone, mode: '5-part', paused: true }).nextRun(
    new Date(after),
  );
  if (!next) throw new RangeError(`cron "${schedule.cron}" has no slot after ${after}`);
  return instant(next.getTime());
}

/**
 * How long after its slots the integration rotates (ms): always the same, and even over many integrations, so that those that share
 * a slot do not all come at once.
 */
export function spreadOf({ name, schedule }: Pick<IntegrationConfig, 'name' | 'schedule'>): number {
  const steps = Math.floor((schedule.spreadMs ?? 0) / SECOND);
  return steps > 0 ? (stableHash(name) % steps) * SECOND : 0;
}

/**
 * When the integration's next scheduled rotation is due. Slots count from the last consumed one or from the moment the
 * schedule came into force, whichever is later: missed slots are caught up once, and a deploy makes nothing due.
 * A fixed distance is spread when it begins, and keeps its place from then on (see `anchorAfter`).
 */
export function nextRotationAt(config: IntegrationConfig, state: IntegrationState): Instant {
  const { schedule, scheduleSince } = config;
  const anchor = latest(state.scheduleAnchor, scheduleSince) ?? scheduleSince;
  const isSpread = 'cron' in schedule || anchor === scheduleSince;
  return later(nextSlot(schedule, anchor), isSpread ? spreadOf(config) : 0);
}

/** Every slot up to now is used by the rotation that begins. The first one of a fixed distance gives the later ones their place. */
export const anchorAfter = (config: IntegrationConfig, { isFirst }: { isFirst: boolean }, now: Instant): Instant =>
  isFirst && 'every' in config.schedule ? later(now, spreadOf(config)) : now;
