import type { Harness } from './harness.ts';

/** Violations of the design's invariants that can be seen at any moment, as sentences. */
export function violations(harness: Harness): string[] {
  return [
    ...targetsHoldActiveTokens(harness),
    ...revokedOnlyWithCause(harness),
    ...onlyOursIsTouched(harness),
    ...oneRecordPerChange(harness),
  ];
}

const lostOutside = (harness: Harness): Set<string> =>
  new Set(harness.paddle.tokens.filter((token) => outside.get(harness)?.has(token.id)).map((token) => token.token));
const outside = new WeakMap<Harness, Set<string>>();

/** Somebody else revokes a token; the invariants must know, because that is excused until the next reconcile. */
export function revokeOutside(harness: Harness, tokenId: string): void {
  const known = outside.get(harness) ?? new Set<string>();
  outside.set(harness, known.add(tokenId));
  harness.paddle.revokeOutside(tokenId);
}

/** The token that somebody else writes over ours, in a test; excused until it is found. */
export const OVERWRITTEN = 'test_overwritten0by0hand00000000';

/** 1. Every target always holds an active token, once the first was published. */
function targetsHoldActiveTokens(harness: Harness): string[] {
  const state = harness.ledger.states.get(harness.config.name);
  if (!state?.tokens.some((token) => token.publishedAt)) return [];
  const alive = new Set(harness.active.map((token) => token.token));
  const excused = lostOutside(harness);
  return harness.config.targets
    .map((target) => ({ target, value: harness.targets.current(target) }))
    .filter(({ value }) => value !== OVERWRITTEN)
    .filter(({ value }) => value === undefined || !(alive.has(value) || excused.has(value)))
    .map(({ target }) => `${target.kind}:${target.name} does not hold an active token`);
}

/** 2. Revoked only after the deadline and with evidence, or by an emergency with a reason. 5. Never on doubt. */
function revokedOnlyWithCause(harness: Harness): string[] {
  const faults: string[] = [];
  for (const token of harness.paddle.tokens) {
    if (token.status !== 'revoked' || outside.get(harness)?.has(token.id)) continue;
    const cause = harness.ledger.records.filter(
      (record) => record.type === 'token.revoking' && record.tokenId === token.id,
    );
    const last = cause.at(-1);
    if (!last) {
      faults.push(`${token.id} was revoked without a recorded decision`);
      continue;
    }
    const evidence = last.details?.evidence as { satisfied?: boolean; items?: { kind: string }[] } | undefined;
    if (!evidence?.satisfied || !evidence.items?.length) faults.push(`${token.id} was revoked without evidence`);
    const emergency = evidence?.items?.some((item) => item.kind === 'emergency');
    if (emergency && !last.reason) faults.push(`${token.id} was revoked in an emergency without a reason`);
    const deadline = last.details?.revokeAfter as string | undefined;
    if (!emergency && (!deadline || deadline > last.at)) faults.push(`${token.id} was revoked before ${deadline}`);
  }
  return faults;
}

/** 3. The current token is never revoked by us, nor any that we neither minted nor adopted. */
function onlyOursIsTouched(harness: Harness): string[] {
  const { owners, records } = harness.ledger;
  return harness.paddle.calls
    .filter((call) => call.method === 'revoke')
    .flatMap(({ subject }) => {
      const faults: string[] = [];
      if (!subject || !owners.has(subject)) faults.push(`${subject} is not ours and was to be revoked`);
      const life = records.filter((record) => record.tokenId === subject).map((record) => record.type);
      const standing = life.filter((type) => ['token.published', 'token.superseded', 'token.orphaned'].includes(type));
      if (standing.at(-1) === 'token.published') faults.push(`${subject} is current and was to be revoked`);
      return faults;
    });
}

/** 8. The audit trail tells the state, and each step of a token's life once. */
function oneRecordPerChange(harness: Harness): string[] {
  const faults: string[] = [];
  const ids = harness.ledger.records.map((record) => record.id);
  if (new Set(ids).size !== ids.length) faults.push('an audit record was written twice');
  const state = harness.ledger.states.get(harness.config.name);
  for (const token of state?.tokens ?? []) {
    const life = harness.ledger.records.filter((record) => record.tokenId === token.id).map((record) => record.type);
    const told = life.filter((type) => type in statusAfter).at(-1);
    const expected = told ? statusAfter[told as keyof typeof statusAfter] : undefined;
    const actual = token.status === 'superseded' || token.status === 'orphan' ? 'waiting' : token.status;
    if (expected !== actual) faults.push(`${token.id} is ${token.status} but its trail ends with ${told}`);
    const born = life.filter((type) => ['token.minted', 'token.adopted', 'token.orphaned'].includes(type));
    if (born.length !== 1) faults.push(`${token.id} was born ${born.length} times: ${born.join(', ')}`);
    const ended = life.filter((type) => type === 'token.revoked' || type === 'token.lost').length;
    if (ended !== (token.status === 'revoked' ? 1 : 0)) faults.push(`${token.id} ended ${ended} times`);
  }
  return faults;
}

const statusAfter = {
  'token.minted': 'minted',
  'token.adopted': 'minted',
  'token.published': 'current',
  'token.superseded': 'waiting',
  'token.orphaned': 'waiting',
  'token.adoption-abandoned': 'waiting',
  'token.revoking': 'revoking',
  'token.revocation-interrupted': 'waiting',
  'token.revoked': 'revoked',
  'token.lost': 'revoked',
} as const;

/** 4. After quiescence the active tokens that bear our names are exactly the current and superseded ones. */
export function quietViolations(harness: Harness): string[] {
  const faults = violations(harness);
  const { state } = harness;
  if (state.rotation) faults.push(`rotation ${state.rotation.rotationId} is still under way`);
  if (state.lease) faults.push('a lease is still held');
  const expected = state.tokens.filter((token) => token.status === 'current' || token.status === 'superseded');
  const ours = harness.active.filter((token) => token.name.startsWith(`${harness.config.name} · `));
  const known = new Set(expected.map((token) => token.id));
  for (const token of ours) if (!known.has(token.id)) faults.push(`${token.id} is active at Paddle and nobody's`);
  for (const token of expected)
    if (!harness.active.some(({ id }) => id === token.id)) faults.push(`${token.id} is ${token.status} but not active`);
  const current = state.tokens.filter((token) => token.status === 'current');
  if (current.length !== 1) faults.push(`there are ${current.length} current tokens`);
  for (const target of harness.config.targets)
    if (harness.targets.current(target) !== current[0]?.value) faults.push(`${target.name} is not current`);
  return faults;
}
