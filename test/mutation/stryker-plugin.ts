/** What Stryker needs here: a runner that does without Jest's start for each mutant, and what is not worth a mutant. */
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core';
import { declareClassPlugin, declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner';
import { collect, type Test } from './collect.ts';
import { SUITES } from './suites.ts';

/** Where the instrumented code looks for the mutant to be, and counts what a test runs. */
const globals = globalThis as unknown as Record<string, InstrumenterContext>;
const context: InstrumenterContext = globals[INSTRUMENTER_CONSTANTS.NAMESPACE] ?? {};
globals[INSTRUMENTER_CONSTANTS.NAMESPACE] = context;

class InProcessRunner implements TestRunner {
  #tests: readonly Test[] | undefined;

  /** What is loaded stays loaded: for a mutant of something that is computed at once, Stryker begins a new process. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  async dryRun(): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    for (const test of await this.#load()) {
      context.currentTestId = test.id;
      const begun = performance.now();
      const failure = await failureOf(test);
      const result = { id: test.id, name: test.id, timeSpentMs: performance.now() - begun };
      tests.push(
        failure === undefined
          ? { ...result, status: TestStatus.Success }
          : { ...result, status: TestStatus.Failed, failureMessage: failure },
      );
    }
    context.currentTestId = undefined;
    return { status: DryRunStatus.Complete, tests, mutantCoverage: context.mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, hitLimit, mutantActivation, testFilter } = options;
    if (mutantActivation === 'static') context.activeMutant = activeMutant.id;
    context.hitCount = hitLimit === undefined ? undefined : 0;
    context.hitLimit = hitLimit;
    let nrOfTests = 0;
    try {
      const tests = await this.#load();
      context.activeMutant = activeMutant.id;
      for (const test of tests) {
        if (testFilter && !testFilter.includes(test.id)) continue;
        nrOfTests += 1;
        const failureMessage = await failureOf(test);
        const tooOften = determineHitLimitReached(context.hitCount, hitLimit);
        if (tooOften) return { ...tooOften, status: MutantRunStatus.Timeout };
        if (failureMessage === undefined) continue;
        context.activeMutant = undefined;
        if (mutantActivation !== 'static') await mustPass(test);
        return { status: MutantRunStatus.Killed, failureMessage, killedBy: [test.id], nrOfTests };
      }
    } catch (error) {
      // Loading fails because of the mutant only if the mutant is there while loading.
      if (mutantActivation !== 'static') throw error;
      return { status: MutantRunStatus.Killed, failureMessage: `loading: ${error}`, killedBy: [], nrOfTests };
    } finally {
      context.activeMutant = undefined;
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }

  async #load(): Promise<readonly Test[]> {
    this.#tests ??= await collect(process.cwd(), SUITES);
    return this.#tests;
  }
}

/** Something that an earlier mutant left in this process must not pass for a test that notices. */
async function mustPass(test: Test): Promise<void> {
  const failure = await failureOf(test);
  if (failure !== undefined) throw new Error(`${test.id} fails without a mutant, too: ${failure}`);
}

async function failureOf(test: Test): Promise<string | undefined> {
  try {
    await test.run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A part of Babel's `NodePath`. */
interface Path {
  readonly node: {
    readonly type: string;
    readonly value?: unknown;
    readonly quasis?: readonly { readonly value: { readonly raw: string } }[];
  };
}

const WORDS = /\p{L}\s|\s\p{L}/u;

/** A sentence for people may say the same in other words; its code, its reason and whatever else has no space may not. */
const texts = {
  shouldIgnore: ({ node }: Path): string | undefined => {
    const parts = node.type === 'StringLiteral' ? [String(node.value)] : node.quasis?.map(({ value }) => value.raw);
    return parts?.some((part) => WORDS.test(part)) ? 'a text for people' : undefined;
  },
};

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner),
  declareValuePlugin(PluginKind.Ignore, 'texts', texts),
];
