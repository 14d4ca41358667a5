/** Door of `paddlewheel-registrar`: a deploy hands over its configuration; a schedule and people look after the webhooks. */
import type { Context } from 'aws-lambda';
import { NAMES } from './contract.ts';
import { createRegistrar } from './registrar/wire.ts';
import { door, instruments } from './shared/door.ts';

const tools = instruments(NAMES.registrar);
const handle = createRegistrar(process.env, tools);
export const handler = door((event: unknown, context: Context) => handle(event, context), tools);
