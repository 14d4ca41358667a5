import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';

/** A mint that was ever in doubt may still bring a late twin to light. */
export function doSweep({ now, state }: Snapshot): Decision | undefined {
  if (state.pause) return undefined;
  const due = state.sweeps.find((sweep) => sweep.at <= now);
  if (!due) return undefined;
  return { kind: 'sweep', reason: 'sweep', message: `Searching Paddle for late twins of "${due.tokenName}".` };
}
