/** The console on the real tables, with the reconciler's own judgement. */
import { dynamoClient } from '../adapters/aws/clients.ts';
import { createConsoleReadings } from '../adapters/dynamodb/console-readings.ts';
import { createConsole } from '../console/console.ts';
import type { Loaded } from '../console/ports.ts';
import type { IntegrationView } from '../console/view.ts';
import type { Instant } from '../domain/model.ts';
import { atStake } from '../rotation/checkout.ts';
import { decide } from '../rotation/decide.ts';
import { allUpcoming } from '../rotation/policies/wait.ts';
import type { Snapshot } from '../rotation/snapshot.ts';
import { systemClock as clock, createIds } from '../runtime/clock.ts';

export interface ConsoleSettings {
  readonly ledgerTable: string;
  readonly auditTable: string;
  readonly rotateFunction: string;
}

export const createConsoleFunction = ({ ledgerTable, auditTable, rotateFunction }: ConsoleSettings) => {
  const readings = createConsoleReadings({ client: dynamoClient(), ledgerTable, auditTable });
  return createConsole({ readings, clock, ids: createIds(), rotate: rotateFunction, judge });
};

/** Of a thousand integrations a page shows twenty: what is dear to find out, such as when a schedule falls due, waits until it is looked at. */
export function judge({ config, state }: Loaded, now: Instant): IntegrationView {
  const snapshot: Snapshot = { now, runId: 'nobody', config, state, recheck: [] };
  return {
    config,
    state,
    atStake: atStake({ config, state }),
    get next() {
      const { reason, message } = decide(snapshot);
      return { reason, message };
    },
    get upcoming() {
      if (!config.managed) return [];
      return [...allUpcoming(snapshot)].sort((a, b) => (a.at < b.at ? -1 : 1));
    },
  };
}
