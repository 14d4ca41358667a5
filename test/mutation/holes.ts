/**
 * Holes that a mutation tool does not think of, or not in these places: a guard left out, a thing done by half. Each was
 * once the harm of a test that nobody had written. They are put into a copy of the code, and a suite must fail.
 */

export interface Hole {
  readonly name: string;
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

const decisions: readonly Hole[] = [
  {
    name: 'a paused integration revokes what is due',
    file: 'lambdas/rotation/policies/retire.ts',
    from: 'if (state.pause && !token.emergency) return false;',
    to: '',
  },
  {
    name: 'a paused integration plans to search for late twins',
    file: 'lambdas/rotation/policies/wait.ts',
    from: 'for (const sweep of state.pause ? [] : state.sweeps)',
    to: 'for (const sweep of state.sweeps)',
  },
  {
    name: 'late twins are searched for while paused',
    file: 'lambdas/rotation/policies/sweep.ts',
    from: 'if (state.pause) return undefined;',
    to: '',
  },
  {
    name: 'losses of tokens that were never published slow healing down',
    file: 'lambdas/rotation/policies/start.ts',
    from: 'token.publishedAt && !token.supersededAt',
    to: '!token.supersededAt',
  },
  {
    name: 'losses of superseded tokens slow healing down',
    file: 'lambdas/rotation/policies/start.ts',
    from: 'token.publishedAt && !token.supersededAt',
    to: 'token.publishedAt',
  },
  {
    name: 'the targets are watched during a rotation',
    file: 'lambdas/rotation/policies/watch-targets.ts',
    from: '!current || state.rotation ||',
    to: '!current ||',
  },
  {
    name: 'the targets are watched during a repair of all of them',
    file: 'lambdas/rotation/policies/watch-targets.ts',
    from: ' || (state.repair && !state.repair.only)',
    to: '',
  },
  {
    name: 'a token that is being rolled back to is revoked by force',
    file: 'lambdas/rotation/commands/revoke.ts',
    from: "if (rotation && rotation.source.kind !== 'mint' && rotation.source.tokenId === id)",
    to: 'if (id === undefined && rotation)',
  },
];

const mints: readonly Hole[] = [
  {
    name: 'after the third empty list, nothing is said to have been posted',
    file: 'lambdas/rotation/transitions/minting.ts',
    from: 'emptyLists: 0, rounds, clearedBy: context.runId, mayHavePosted: true',
    to: 'emptyLists: 0, rounds, clearedBy: context.runId, mayHavePosted: false',
  },
  {
    name: 'a POST whose answer was lost is not noted as a doubt',
    file: 'lambdas/rotation/transitions/retry.ts',
    from: 'doubted: rotation.doubted || inDoubt',
    to: 'doubted: rotation.doubted',
  },
  {
    name: 'a POST whose answer was lost counts as one that was refused',
    file: 'lambdas/rotation/transitions/retry.ts',
    from: "step === 'mint' && failure.class === 'ambiguous'",
    to: 'false',
  },
  {
    name: 'a search that meets a token of another integration forgets its own',
    file: 'lambdas/rotation/transitions.ts',
    from: "if (decision.kind === 'find' && others.some(({ status }) => status === 'active'))",
    to: "if (decision.kind === 'find' && others.length < 0)",
  },
  {
    name: 'a search that meets only tokens of another integration has found nothing, and the mint is repeated',
    file: 'lambdas/rotation/transitions.ts',
    from: "if (decision.kind === 'find' && others.some(({ status }) => status === 'active'))",
    to: "if (decision.kind === 'find')",
  },
];

const revocations: readonly Hole[] = [
  {
    name: 'a token that Paddle does not know goes back to superseded, and nobody is told',
    file: 'lambdas/rotation/transitions/revocation.ts',
    from: 'if (!answer) {',
    to: 'if (!tokenId) {',
  },
  {
    name: 'our own revocation is put down to somebody else',
    file: 'lambdas/rotation/transitions/revocation.ts',
    from: 'if (external) return markLost',
    to: 'if (answer) return markLost',
  },
  {
    name: "somebody else's revocation is put down to us",
    file: 'lambdas/rotation/transitions/revocation.ts',
    from: 'if (external) return markLost',
    to: 'if (external && answer.id === "") return markLost',
  },
  {
    name: 'a clock of Paddle a little behind makes our own revocation that of somebody else',
    file: 'lambdas/rotation/transitions/revocation.ts',
    from: 'const CLOCK_SKEW = MINUTE;',
    to: 'const CLOCK_SKEW = MINUTE - MINUTE;',
  },
  {
    name: 'the webhook of our own revocation is put down to somebody else, once it is recorded',
    file: 'lambdas/observe/attribute.ts',
    from: "known?.status === 'revoking' || (known?.status === 'revoked' && known.revokedBy === 'paddlewheel')",
    to: "known?.status === 'revoking'",
  },
  {
    name: 'the webhook of a late revocation of ours is put down to somebody else when clocks differ',
    file: 'lambdas/observe/attribute.ts',
    from: 'since >= -60_000',
    to: 'since >= 0',
  },
];

const effects: readonly Hole[] = [
  {
    name: 'a scan stops after the first six sites',
    file: 'lambdas/evidence/scan-round.ts',
    from: 'const { sites } = config;',
    to: 'const sites = config.sites.slice(0, AT_ONCE);',
  },
  {
    name: 'a target that could not be read is said to hold a revoked token no more',
    file: 'lambdas/rotation/transitions/revoked-at-targets.ts',
    from: '(isConfigured(each, config) && !held.has(each.place))',
    to: 'false',
  },
  {
    name: 'a revoked token is overwritten before anybody has noted it',
    file: 'lambdas/rotation/perform.ts',
    from: ' || isRevokedNews(state, read, { config, now })',
    to: '',
  },
  {
    name: 'pages that were scanned before the token was found at a target count',
    file: 'lambdas/rotation/transitions/targets.ts',
    from: 'cleanScans: [], scanRound: undefined }',
    to: 'cleanScans: [] }',
  },
  {
    name: 'what changes while pages are scanned is not seen',
    file: 'lambdas/evidence/gate.ts',
    from: "asked.toSorted(([a], [b]) => Number(b === 'sites') - Number(a === 'sites'))",
    to: 'asked',
  },
  {
    name: 'what is written to a target is not read back',
    file: 'lambdas/rotation/publish.ts',
    from: '      if ((await targets.read(target)) === token.value) continue;\n      const message',
    to: '      if (token) continue;\n      const message',
  },
  {
    name: 'a target is overwritten before it is noted which token it held',
    file: 'lambdas/rotation/perform.ts',
    from: 'hasUnrecordedSighting(state, read) || ',
    to: '',
  },
  {
    name: 'a run that was about to revoke a token does so, although it has found it at a target meanwhile',
    file: 'lambdas/rotation/transitions/targets.ts',
    from: "token.status === 'revoking' ? { ...next, revokingBy: undefined } : next",
    to: 'next',
  },
  {
    name: 'a build starts the grace that should start at the deployment',
    file: 'lambdas/rotation/perform.ts',
    from: 'word.isDeployed && word.place',
    to: 'word.place',
  },
  {
    name: 'reports are lost when a run hands over to the next',
    file: 'lambdas/rotation/reconcile.ts',
    from: '    const { state, now, config } = snapshot;\n    const dueAt',
    to: `    for (const tokenId of this.#inbox.open) {
      const report = this.#inbox.asked({ kind: 'inspect', tokenId, reason: '', message: '' });
      if (report) await this.#inbox.close(report, undefined);
    }
    const { state, now, config } = snapshot;
    const dueAt`,
  },
  {
    name: 'a report is dropped although Paddle gave no answer',
    file: 'lambdas/rotation/inbox.ts',
    from: '      this.#unanswered.set(report.tokenId, failure);\n      return;',
    to: '      this.#unanswered.set(report.tokenId, failure);',
  },
  {
    name: 'the lease of a publication ends before the publication may',
    file: 'lambdas/rotation/decision.ts',
    from: 'publish: 130_000',
    to: 'publish: 40_000',
  },
  {
    name: 'the lease of a revocation ends before the revocation may',
    file: 'lambdas/rotation/decision.ts',
    from: 'revoke: 130_000',
    to: 'revoke: 40_000',
  },
  {
    name: 'an effect is begun although its lease is nearly over',
    file: 'lambdas/rotation/lease.ts',
    from: 'remaining < needed / 2',
    to: 'remaining <= 0',
  },
];

export const HOLES: readonly Hole[] = [...decisions, ...mints, ...revocations, ...effects];
