/** Handler of `paddlewheel-observe`: the audit trail's stream -> the bus, attributions, reconciles, chains. */
import { createObserver } from './composition/observe.ts';
import { NAMES } from './contract.ts';
import { readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const env = readEnv(process.env, ['ledgerTable', 'auditTable', 'reconcileQueueUrl', 'busName', 'rotateFunction']);
const tools = instruments(NAMES.observe);
export const handler = wrapHandler(createObserver(env, tools), tools);
