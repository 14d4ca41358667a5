/** Which code is mutated, and which suites must notice: quick ones, of one process, the most direct first. */

/** Per cent of the mutants. */
export const LEAST = 92;

export const MUTATED = [
  'lambdas/rotation/{decide,commands,transitions}.ts',
  'lambdas/rotation/{policies,commands,transitions}/*.ts',
  'lambdas/evidence/{gate,check,current,cap,usage,targets,sites,scan-round}.ts',
  'lambdas/evidence/sites/judge.ts',
  'lambdas/webhook/verify-signature.ts',
  'lambdas/registrar/destinations/decide.ts',
];

export const SUITES = [
  'test/rotation/guards.test.ts',
  'test/rotation/waiting.test.ts',
  'test/rotation/decide.test.ts',
  'test/rotation/commands.test.ts',
  'test/rotation/rotate-commands.test.ts',
  'test/rotation/records.test.ts',
  'test/rotation/doubts.test.ts',
  'test/rotation/revocation.test.ts',
  'test/rotation/holding.test.ts',
  'test/rotation/answers.test.ts',
  'test/rotation/defects.test.ts',
  'test/rotation/transitions.test.ts',
  'test/evidence/gate.test.ts',
  'test/evidence/scan-rounds.test.ts',
  'test/evidence/judge.test.ts',
  'test/evidence/usage.test.ts',
  'test/webhook/verify-signature.test.ts',
  'test/observe/attribute.test.ts',
  'test/registrar/decide.test.ts',
  'test/rotation/watch-transitions.test.ts',
  'test/rotation/seen.test.ts',
  'test/rotation/waits.test.ts',
  'test/rotation/slow-evidence.test.ts',
  'test/rotation/failed-claims.test.ts',
  'test/rotation/siblings.test.ts',
  'test/rotation/effects.test.ts',
  'test/rotation/lease.test.ts',
  'test/rotation/persons-word.test.ts',
  'test/rotation/published-again.test.ts',
  'test/rotation/changed-targets.test.ts',
  'test/rotation/overwritten.test.ts',
  'test/rotation/overwritten-attacks.test.ts',
  'test/rotation/emergencies.test.ts',
  'test/rotation/reports.test.ts',
  'test/rotation/throttled.test.ts',
  'test/rotation/revoked-at-targets.test.ts',
  'test/rotation/watch.test.ts',
];
