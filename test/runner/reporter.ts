/** Jest's part of `npm test`: hands what happens to the process that started it, which prints it. */
import type { Reporter, Test, TestResult } from '@jest/reporters';

export type Happened =
  | { readonly started: string }
  | {
      readonly ended: string;
      readonly passed: number;
      readonly failed: number;
      readonly skipped: number;
      readonly ms: number;
      /** Why it failed, and what it printed; empty when it passed. */
      readonly report: string;
    };

const tell = (happened: Happened): void => void process.send?.(happened);

export default class implements Pick<Reporter, 'onTestFileStart' | 'onTestFileResult'> {
  onTestFileStart({ path }: Test): void {
    tell({ started: path });
  }

  onTestFileResult({ path }: Test, result: TestResult): void {
    // A suite that could not even start has no tests to count.
    const failed = result.numFailingTests + (result.testExecError ? 1 : 0);
    const { start, end } = result.perfStats;
    const printed = (result.console ?? []).map(({ message }) => message);
    tell({
      ended: path,
      passed: result.numPassingTests,
      failed,
      skipped: result.numPendingTests + result.numTodoTests,
      ms: end - start,
      report: failed === 0 ? '' : [result.failureMessage ?? '', ...printed].join('\n'),
    });
  }

  getLastError(): void {}
}
