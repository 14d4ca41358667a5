/** Door of `paddlewheel-hooks`: publications from the bus, through a queue -> the deploy hooks of their integrations. */
import { dynamoClient, secretsManagerClient, ssmClient } from './adapters/aws-clients.ts';
import { createCredentialStore } from './adapters/credentials.ts';
import { createHookLedger, createHookTrail } from './adapters/dynamo-hooks.ts';
import { NAMES } from './contract.ts';
import { createCallHooks } from './hooks/call-hooks.ts';
import { createHookCaller } from './hooks/caller.ts';
import { createTransport } from './paddle/transport.ts';
import { systemClock as clock } from './shared/clock.ts';
import { door, instruments } from './shared/door.ts';
import { readEnv } from './shared/env.ts';

const env = readEnv(process.env, ['ledgerTable', 'auditTable']);
const tools = instruments(NAMES.hooks);
const tables = { client: dynamoClient(), ...env };
const store = createCredentialStore({ secretsManager: secretsManagerClient, ssm: ssmClient });
const caller = createHookCaller({ store, transport: createTransport(clock) });
const [ledger, trail] = [createHookLedger(tables), createHookTrail(tables)];
export const handler = door(createCallHooks({ ledger, trail, caller, clock, log: tools.log }), tools);
