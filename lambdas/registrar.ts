/** Handler of `paddlewheel-registrar`: a deploy hands over its configuration; a schedule and people maintain the webhooks. */
import type { Context } from 'aws-lambda';
import { createRegistrar } from './composition/registrar.ts';
import { NAMES } from './contract.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const tools = instruments(NAMES.registrar);
const handle = createRegistrar(process.env, tools);
export const handler = wrapHandler((event: unknown, context: Context) => handle(event, context), tools);
