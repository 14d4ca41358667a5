/** Handler of `paddlewheel-hooks`: publications from the bus, through a queue -> the deploy hooks of their integrations. */
import { dynamoClient, secretsManagerClient, ssmClient } from './adapters/aws/clients.ts';
import { createCredentialStore } from './adapters/aws/credentials.ts';
import { createHookLedger, createHookTrail } from './adapters/dynamodb/hooks.ts';
import { NAMES } from './contract.ts';
import { createCallHooks } from './hooks/call-hooks.ts';
import { createHookCaller } from './hooks/caller.ts';
import { createTransport } from './paddle/transport.ts';
import { systemClock as clock } from './runtime/clock.ts';
import { readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const env = readEnv(process.env, ['ledgerTable', 'auditTable']);
const tools = instruments(NAMES.hooks);
const tables = { client: dynamoClient(), ...env };
const store = createCredentialStore({ secretsManager: secretsManagerClient, ssm: ssmClient });
const caller = createHookCaller({ store, transport: createTransport(clock) });
const [ledger, trail] = [createHookLedger(tables), createHookTrail(tables)];
export const handler = wrapHandler(createCallHooks({ ledger, trail, caller, clock, log: tools.log }), tools);
