/** One call of `natively`: hands back what the function returns. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Call } from './natively.ts';

const { module, name, args }: Call = workerData;
const { [name]: call } = await import(module);
parentPort?.postMessage(await call(...args));
