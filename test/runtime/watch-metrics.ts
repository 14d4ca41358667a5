/** Before every suite: a test that writes a metric which CloudWatch would not find fails, whatever it is about. */
import { assertMetrics } from './emf.ts';

const write = process.stdout.write.bind(process.stdout) as (...args: unknown[]) => boolean;
process.stdout.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
  assertMetrics(String(chunk).split('\n'));
  return write(chunk, ...rest);
}) as typeof process.stdout.write;
