/** Door of `paddlewheel-rotate`: the look queue, people and pipelines -> Paddle, the targets, the ledger. */
import type { Context } from 'aws-lambda';
import { ENV, NAMES } from './contract.ts';
import { createWorld } from './rotation/compose.ts';
import { createHandle } from './rotation/handle.ts';
import { door, instruments } from './shared/door.ts';
import { readEnv } from './shared/env.ts';

const env = readEnv(process.env, ['ledgerTable', 'auditTable']);
const tools = instruments(NAMES.rotate);
const scanPrivateHosts = process.env[ENV.scanPrivateHosts]?.split(',').filter((host) => host !== '');
const handle = createHandle({ world: createWorld({ ...env, scanPrivateHosts }, tools), ...tools });
export const handler = door((event: unknown, context: Context) => handle(event, context.awsRequestId), tools);
