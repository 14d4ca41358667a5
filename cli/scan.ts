/** `paddlewheel scan`: is a token still served by these pages? The same scan that stands before every revocation. */

import type { SiteFinding } from '../lambdas/evidence/ports.ts';
import { createSiteScanner } from '../lambdas/evidence/sites/scanner.ts';
import { isToken } from '../lambdas/evidence/sites/token-search.ts';

export const EXIT = { clean: 0, found: 1, unproven: 2 } as const;

/** Keep tokens out of the shell's history: the variables, or `-` to read a line of standard input. */
export const TOKEN_VARIABLES = { find: 'PADDLEWHEEL_FIND_TOKEN', current: 'PADDLEWHEEL_CURRENT_TOKEN' } as const;

export interface ScanOptions {
  readonly urls: readonly string[];
  /** The token to search for; `-`: a line of standard input; absent: `PADDLEWHEEL_FIND_TOKEN`. */
  readonly find?: string;
  /** The token that should be there (the positive control); `-`; absent: `PADDLEWHEEL_CURRENT_TOKEN`, or no control. */
  readonly current?: string;
  readonly extraOrigin?: readonly string[];
  readonly allowPrivate?: readonly string[];
  readonly json?: boolean;
  /** Per page, seconds. */
  readonly timeout?: number;
}

export interface ScanIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** @returns 0: not served (and the current one is, if it was given); 1: still served; 2: nothing is proven */
export async function scanCommand(options: ScanOptions, io: ScanIo): Promise<number> {
  const lines = [options.find, options.current].includes('-') ? await readLines(io.stdin) : [];
  const given = (option: string | undefined, variable: string) =>
    (option === '-' ? lines.shift() : (option ?? io.env[variable]))?.trim() || undefined;
  const superseded = given(options.find, TOKEN_VARIABLES.find);
  const current = given(options.current, TOKEN_VARIABLES.current);
  const faults = [
    options.urls.length === 0 && 'Name at least one URL.',
    !superseded && `Name the token to search for: --find, or ${TOKEN_VARIABLES.find}, or --find - and a line of input.`,
    superseded && !isToken(superseded) && 'The token to search for is not a client-side token (live_… or test_…).',
    options.current === '-' && !current && 'Standard input holds no line for --current.',
    current && !isToken(current) && 'The current token is not a client-side token (live_… or test_…).',
    options.timeout !== undefined && !(options.timeout > 0) && 'The time-out must be a number of seconds above 0.',
  ].filter((fault) => typeof fault === 'string');
  if (faults.length > 0 || !superseded) {
    for (const fault of faults) io.err(`${fault}\n`);
    return EXIT.unproven;
  }
  const scanner = createSiteScanner({
    allowPrivateHosts: options.allowPrivate ?? [],
    stopWhenFound: false,
    limits: options.timeout ? { scanTimeoutMs: Math.ceil(options.timeout * 1000) } : {},
  });
  const findings: SiteFinding[] = [];
  for (const url of options.urls) {
    const finding = await scanner.inspect({ url, extraOrigins: options.extraOrigin ?? [] }, { superseded, current });
    findings.push(finding);
    if (!options.json) io.out(describe(finding, current !== undefined));
  }
  const exit = exitCode(findings, current !== undefined);
  if (options.json) io.out(`${JSON.stringify({ exit, findings }, null, 2)}\n`);
  return exit;
}

function exitCode(findings: readonly SiteFinding[], hasControl: boolean): number {
  if (findings.some(({ verdict }) => verdict === 'superseded')) return EXIT.found;
  const isClean = ({ verdict }: SiteFinding) => verdict === 'current' || (!hasControl && verdict === 'neither');
  return findings.every(isClean) ? EXIT.clean : EXIT.unproven;
}

const WORDS = { superseded: 'FOUND', current: 'clean', neither: 'unproven', error: 'unproven' } as const;

function describe({ verdict, url, message, details }: SiteFinding, hasControl: boolean): string {
  if (verdict === 'neither' && !hasControl) {
    return `clean     The token is not in ${url} nor in what it loads (${details?.answers} answers). Without --current nothing shows that the scan looks in the right place.\n`;
  }
  const holding = (details?.resources ?? []) as {
    url: string;
    found: { which: string; match: string; how: string }[];
  }[];
  const places = holding.flatMap((resource) =>
    resource.found
      .filter(({ which }) => which === verdict)
      .map(({ match, how }) => `            ${resource.url} (${match === 'exact' ? match : `${match}: ${how}`})\n`),
  );
  return `${WORDS[verdict].padEnd(10)}${message}\n${[...new Set(places)].join('')}`;
}

/** A token is a short line: what is longer than this is not one. */
const MAX_INPUT = 4096;

async function readLines(stdin: AsyncIterable<Buffer | string>): Promise<string[]> {
  let text = '';
  for await (const chunk of stdin) {
    text += chunk.toString();
    if (text.length > MAX_INPUT) break;
  }
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}
