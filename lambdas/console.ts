/** Handler of `paddlewheel-console`: a custom widget of CloudWatch, and the local console -> HTML. Reads only. */
import type { Context } from 'aws-lambda';
import { createConsoleFunction } from './composition/console.ts';
import { NAMES } from './contract.ts';
import { readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const show = createConsoleFunction(readEnv(process.env, ['ledgerTable', 'auditTable', 'rotateFunction']));
export const handler = wrapHandler(
  (event: unknown, context: Context) => show(event, context.invokedFunctionArn),
  instruments(NAMES.console),
);
