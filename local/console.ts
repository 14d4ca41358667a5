/** The console on a demonstration: besides its own buttons, some that do what people and strangers do. */
import type { Control } from '../cli/console/page.ts';
import { type RunningConsole, startConsole } from '../cli/console/server.ts';
import { NAMES } from '../lambdas/contract.ts';
import type { Installation } from './installation.ts';

/** What can be done to the demonstration from outside Paddlewheel. Each says what it did. */
export interface Stage {
  readonly installation: Pick<Installation, 'invoke'>;
  /** A build takes the current token, and the site goes live with it. */
  redeploy(): Promise<string>;
  /** Somebody rolls the site back to its first build. */
  breakSite?(): Promise<string>;
  /** Somebody revokes the current token in Paddle's dashboard. */
  revoke?(): Promise<string>;
}

const POLL_MS = 2_000;

export const startDemoConsole = (stage: Stage): Promise<RunningConsole> =>
  startConsole(
    {
      names: NAMES,
      invoke: (name, payload) => stage.installation.invoke(name, payload),
      identity: async () => 'the local console',
    },
    { title: 'Paddlewheel on this machine', pollMs: POLL_MS, controls: controlsOf(stage) },
  );

function controlsOf({ redeploy, breakSite, revoke }: Stage): Control[] {
  const controls: (Control | undefined)[] = [
    {
      id: 'redeploy',
      text: 'Redeploy the site',
      title: 'A build takes the current token and goes live',
      run: redeploy,
    },
    breakSite && {
      id: 'break',
      text: 'Break the site',
      title: 'Somebody puts the very first build back, whose token is revoked',
      run: breakSite,
    },
    revoke && {
      id: 'revoke',
      text: 'Revoke in Paddle’s dashboard',
      title: 'Somebody else revokes the current token at Paddle',
      run: revoke,
    },
  ];
  return controls.filter((control) => control !== undefined);
}
