/** Into the trail: events that are missing there, and, apart from them, what nobody here can read. */
import { type TrailItem, unreadableItem } from '../paddle/webhook-record.ts';
import type { BackfillPorts } from './ports.ts';

/** Conditional puts side by side. */
const SIDE_BY_SIDE = 10;

/** @returns how many were not there yet */
export async function store(items: readonly TrailItem[], { trail }: Pick<BackfillPorts, 'trail'>): Promise<number> {
  let stored = 0;
  for (let start = 0; start < items.length; start += SIDE_BY_SIDE) {
    const batch = items.slice(start, start + SIDE_BY_SIDE);
    const answers = await Promise.all(batch.map((item) => trail.append(item)));
    stored += answers.filter((answer) => answer === 'stored').length;
  }
  return stored;
}

/** Every reading of the list finds the same ones again: they are stored, counted and told once. */
export async function keepApart(
  account: string,
  unreadable: readonly { readonly item: unknown; readonly faults: readonly string[] }[],
  ports: BackfillPorts,
): Promise<number> {
  const receivedAt = new Date(ports.clock.now()).toISOString();
  let kept = 0;
  for (const { item, faults } of unreadable) {
    const about = { fields: item, faults, account, receivedAt, source: 'backfill' } as const;
    const apart = unreadableItem({ item }, about);
    if ((await store([apart], ports)) === 0) continue;
    kept += 1;
    const { id, size, digest } = apart;
    ports.log.warn('Paddle lists something that cannot be read; it is kept apart', {
      account,
      id,
      faults,
      size,
      digest,
    });
  }
  return kept;
}
