/**
 * The rooms of the code and what each may use; `npm run check` holds the code to it. From the ground up: contract, configuration,
 * domain, paddle, one room per capability, adapters, runtime, composition, one handler per function. docs/architecture.md draws it.
 */
const CAPABILITIES =
  'evidence|rotation|webhook|observe|backfill|registrar|usage|hooks|heartbeat|status|browser|console|seen';

/** @param {string} name @param {string} comment @param {object} from @param {object} to */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-circle', 'Arrows point one way, types included.', {}, { circular: true }),
    forbid(
      'contract-imports-nothing',
      'infra and the functions share names, not code.',
      { path: '^lambdas/contract\\.ts$' },
      { pathNot: '^lambdas/contract\\.ts$' },
    ),
    forbid(
      'domain-imports-nothing-of-ours',
      'The nouns that everybody uses know nobody.',
      { path: '^lambdas/domain/' },
      { path: '^(lambdas|infra|cli|local|test|bench)/', pathNot: '^lambdas/(domain/|contract\\.ts$)' },
    ),
    forbid(
      'paddle-uses-the-domain',
      "Paddle's API knows the domain and nobody else.",
      { path: '^lambdas/paddle/' },
      { path: '^(lambdas|infra|cli|local)/', pathNot: '^lambdas/(paddle/|domain/|contract\\.ts$)' },
    ),
    forbid(
      'capability-imports-no-adapter',
      'A capability declares ports; composition brings the adapters.',
      { path: `^lambdas/(${CAPABILITIES})/` },
      { path: '^(lambdas/(adapters|runtime|composition)/|infra/|cli/|local/)' },
    ),
    forbid(
      'capability-stands-alone',
      'A capability uses no other one.',
      { path: `^lambdas/(?!rotation/|browser/)(${CAPABILITIES})/` },
      { path: `^lambdas/(${CAPABILITIES})/`, pathNot: '^lambdas/$1/' },
    ),
    forbid(
      'browser-uses-evidence-only',
      'The browser is one source of the evidence: it answers in its shape and keeps its address rules.',
      { path: '^lambdas/browser/' },
      { path: `^lambdas/(${CAPABILITIES})/`, pathNot: '^lambdas/(browser|evidence/sites)/' },
    ),
    forbid(
      'rotation-uses-evidence-only',
      'A revocation rests on the evidence; rotation uses no other capability.',
      { path: '^lambdas/rotation/' },
      { path: `^lambdas/(${CAPABILITIES})/`, pathNot: '^lambdas/(rotation|evidence)/' },
    ),
    forbid(
      'only-composition-imports-adapters',
      'Adapters are brought in where a function is put together.',
      { path: '^lambdas/', pathNot: '^lambdas/(adapters/|composition/|[^/]+\\.ts$)' },
      { path: '^lambdas/adapters/' },
    ),
    forbid(
      'adapter-knows-no-runtime',
      'An adapter implements a port; it is composed, and composes nothing.',
      { path: '^lambdas/adapters/' },
      {
        path: '^(lambdas/(runtime|composition)/|lambdas/[^/]+\\.ts$|infra/|cli/|local/)',
        pathNot: '^lambdas/contract\\.ts$',
      },
    ),
    forbid(
      'pure-decisions',
      'decide, the policies and the transitions import no SDK.',
      { path: '^lambdas/rotation/(decide\\.ts|policies/|transitions)' },
      { dependencyTypes: ['npm'] },
    ),
    forbid(
      'configuration-uses-the-contract',
      'What may be wished for is told by a schema and checks, which ask nobody.',
      { path: '^lambdas/configuration/' },
      { path: '^(lambdas|infra|cli|local|test|bench)/', pathNot: '^lambdas/(configuration/|contract\\.ts$)' },
    ),
    forbid(
      'infra-shares-the-contract-and-the-configuration',
      'infra and the functions share lambdas/contract.ts and what a configuration may say.',
      { path: '^infra/' },
      { path: '^lambdas/', pathNot: '^lambdas/(configuration/|contract\\.ts$)' },
    ),
    forbid(
      'functions-know-no-tools',
      'What is deployed imports nothing that is not.',
      { path: '^lambdas/' },
      { path: '^(infra|cli|local|bench|test)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.cjs', '.js'] },
  },
};
