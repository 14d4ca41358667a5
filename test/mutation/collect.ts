/**
 * As much of Jest as the suites here use, without its sandbox: they are loaded once, and then any test of them can be run,
 * any number of times. Jest needs seconds for each run, and here there is one for every mutant.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'expect';
import { bind } from 'jest-each';

type Body = () => unknown;

interface Scope {
  readonly name: string;
  readonly outer?: Scope;
  readonly before: Body[];
  readonly after: Body[];
}

export interface Test {
  /** Path of the suite and the test's full name. */
  readonly id: string;
  readonly suite: string;
  readonly run: () => Promise<void>;
}

/** Loads the suites, and with them the code that they test. */
export async function collect(root: string, suites: readonly string[]): Promise<readonly Test[]> {
  const tests: Test[] = [];
  let suite = '';
  let scope: Scope = { name: '', before: [], after: [] };
  const describe = (name: string, body: Body) => {
    const outer = scope;
    scope = { name: `${outer.name}${name} `, outer, before: [], after: [] };
    body();
    scope = outer;
  };
  const test = (name: string, body: Body) => {
    const here = scope;
    tests.push({ id: `${suite}: ${here.name}${name}`, suite, run: () => within(here, body) });
  };
  const withEach = (callback: (name: string, body: Body) => void) =>
    Object.assign(callback, { each: bind(callback as never) });
  Object.assign(globalThis, {
    expect,
    describe: withEach(describe),
    test: withEach(test),
    beforeEach: (body: Body) => scope.before.push(body),
    afterEach: (body: Body) => scope.after.push(body),
  });
  for (suite of suites) await import(pathToFileURL(path.join(root, suite)).href);
  return tests;
}

async function within(scope: Scope, body: Body): Promise<void> {
  const scopes: Scope[] = [];
  for (let at: Scope | undefined = scope; at; at = at.outer) scopes.push(at);
  for (const { before } of scopes.toReversed()) for (const hook of before) await hook();
  try {
    await body();
  } finally {
    for (const { after } of scopes) for (const hook of after) await hook();
  }
}
