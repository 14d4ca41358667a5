/** Event type names by entity, as `GET /event-types` lists them. */
const VERBS: Record<string, readonly string[]> = {
  address: ['created', 'imported', 'updated'],
  adjustment: ['created', 'updated'],
  api_key: ['created', 'expired', 'expiring', 'revoked', 'updated'],
  api_key_exposure: ['created'],
  api_key_rotation: ['created', 'updated'],
  business: ['created', 'imported', 'updated'],
  client_token: ['created', 'revoked', 'updated'],
  customer: ['created', 'imported', 'updated'],
  discount: ['created', 'imported', 'updated'],
  discount_group: ['created', 'updated'],
  payment_method: ['deleted', 'saved'],
  payout: ['created', 'paid'],
  price: ['created', 'imported', 'updated'],
  product: ['created', 'imported', 'updated'],
  report: ['created', 'updated'],
  subscription: [
    'activated',
    'canceled',
    'created',
    'imported',
    'past_due',
    'paused',
    'resumed',
    'trialing',
    'updated',
  ],
  transaction: [
    'billed',
    'canceled',
    'completed',
    'created',
    'paid',
    'past_due',
    'payment_failed',
    'ready',
    'revised',
    'updated',
  ],
};

export interface EventType {
  readonly name: string;
  readonly description: string;
  readonly group: string;
  readonly available_versions: readonly number[];
}

export const EVENT_TYPES: readonly EventType[] = Object.entries(VERBS).flatMap(([entity, verbs]) =>
  verbs.map((verb) => ({
    name: `${entity}.${verb}`,
    description: `Occurs when ${entity.replaceAll('_', ' ')} entities are ${verb.replaceAll('_', ' ')}.`,
    group: entity === 'address' || entity === 'business' ? `${entity}es` : `${entity}s`,
    available_versions: [1],
  })),
);

const byName = new Map(EVENT_TYPES.map((type) => [type.name, type]));

export const isEventType = (name: string): boolean => byName.has(name);

/** Names go in, whole event types come out. */
export const eventTypesNamed = (names: readonly string[]): EventType[] =>
  names.flatMap((name) => byName.get(name) ?? []);
