import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CRUISE = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const RULES = path.join(ROOT, '.dependency-cruiser.cjs');

interface Cruise {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string }[];
  }[];
}

function roomOf(file: string): string | undefined {
  if (file === 'lambdas/contract.ts') return 'contract';
  const [top = '', folder = '', inside] = file.split('/');
  if (top !== 'lambdas') return ['infra', 'cli', 'local'].includes(top) ? top : undefined;
  if (inside === undefined) return 'handlers';
  return ['domain', 'paddle', 'adapters', 'runtime', 'composition'].includes(folder) ? folder : 'capabilities';
}

function realArrows(): string[] {
  const rooms = ['lambdas', 'infra', 'cli', 'local'];
  const answer = execFileSync(process.execPath, [CRUISE, '--config', RULES, '-T', 'json', ...rooms], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
    encoding: 'utf8',
  });
  const arrows = (JSON.parse(answer) as Cruise).modules.flatMap(({ source, dependencies }) =>
    dependencies.map(({ resolved }) => [roomOf(source), roomOf(resolved)] as const),
  );
  const between = arrows.filter(([from, to]) => from !== undefined && to !== undefined && from !== to);
  return [...new Set(between.map(([from, to]) => `${from} --> ${to}`))].sort();
}

test('the drawing of the rooms shows the arrows that the code has, no more and no fewer', () => {
  const page = readFileSync(path.join(ROOT, 'docs/architecture.md'), 'utf8');
  const [, drawing = ''] = /```mermaid\n([\s\S]*?)```/.exec(page) ?? [];
  const drawn = [...drawing.matchAll(/^ +(\w+ --> \w+)$/gm)].map(([, arrow]) => arrow).sort();
  expect(drawn).toEqual(realArrows());
});

describe('the rule file refuses', () => {
  /** A tree of files that import each other. */
  const violations = (files: Readonly<Record<string, string>>): string => {
    const tree = mkdtempSync(path.join(tmpdir(), 'paddlewheel-rooms-'));
    try {
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
        writeFileSync(path.join(tree, file), text);
      }
      return spawnSync(process.execPath, [CRUISE, '--config', RULES, 'lambdas'], { cwd: tree, encoding: 'utf8' })
        .stdout;
    } finally {
      rmSync(tree, { recursive: true });
    }
  };
  const type = (from: string) => `import type { A } from '${from}';\nexport type B = A;\n`;

  test.each([
    [
      'a circle of types',
      'no-circle',
      { 'lambdas/domain/a.ts': type('./b.ts'), 'lambdas/domain/b.ts': type('./a.ts') },
    ],
    [
      'a noun that knows a capability',
      'domain-imports-nothing-of-ours',
      { 'lambdas/domain/a.ts': type('../rotation/b.ts'), 'lambdas/rotation/b.ts': 'export type A = 1;\n' },
    ],
    [
      'a capability that imports an adapter',
      'capability-imports-no-adapter',
      { 'lambdas/usage/a.ts': type('../adapters/aws/b.ts'), 'lambdas/adapters/aws/b.ts': 'export type A = 1;\n' },
    ],
    [
      'a capability that uses another one',
      'capability-stands-alone',
      { 'lambdas/usage/a.ts': type('../webhook/b.ts'), 'lambdas/webhook/b.ts': 'export type A = 1;\n' },
    ],
    [
      'rotation that uses another capability than evidence',
      'rotation-uses-evidence-only',
      { 'lambdas/rotation/a.ts': type('../webhook/b.ts'), 'lambdas/webhook/b.ts': 'export type A = 1;\n' },
    ],
  ])('%s', (_, rule, files) => {
    expect(violations(files as unknown as Record<string, string>)).toContain(rule);
  });
});
