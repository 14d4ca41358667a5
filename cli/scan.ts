/** `paddlewheel scan`: is a token still served by these pages? The same scan that stands before every revocation. */
import type { SiteFinding } from '../lambdas/evidence/sites/finding.ts';
import { withinGrace } from '../lambdas/evidence/sites/judge.ts';
import type { PageSource } from '../lambdas/evidence/sites/source.ts';
import { isToken } from '../lambdas/evidence/sites/token-search.ts';
import type { CliIo } from './io.ts';
import { describeFinding } from './scan-report.ts';

export const EXIT = { clean: 0, found: 1, unproven: 2 } as const;

/** Keep tokens out of the shell's history: the variables, or `-` to read a line of standard input. */
export const TOKEN_VARIABLES = { find: 'PADDLEWHEEL_FIND_TOKEN', current: 'PADDLEWHEEL_CURRENT_TOKEN' } as const;

/** Seconds for one page, and hours of grace: far more than anybody waits. */
const LONGEST_TIMEOUT = 3_600;
const LONGEST_GRACE = 24 * 366;

/** Hours; what an integration waits when its configuration says nothing. */
const DEFAULT_GRACE = 48;

export interface ScanOptions {
  readonly urls: readonly string[];
  /** The token to search for; `-`: a line of standard input; absent: `PADDLEWHEEL_FIND_TOKEN`. */
  readonly find?: string;
  /** The token that should be there (the positive control); `-`; absent: `PADDLEWHEEL_CURRENT_TOKEN`, or no control. */
  readonly current?: string;
  readonly extraOrigin?: readonly string[];
  readonly allowPrivate?: readonly string[];
  readonly json?: boolean;
  /** Per page and source, seconds. */
  readonly timeout?: number;
  /** Selectors that the browser presses. */
  readonly click?: readonly string[];
  /** URLs that may go unread. */
  readonly ignore?: readonly string[];
  /** `name: value` */
  readonly header?: readonly string[];
  /** Hours for which a superseded token stays valid; caches that keep a page for longer prove nothing. */
  readonly grace?: number;
  readonly browser?: boolean;
  readonly reader?: boolean;
  /** Where to write a picture of the page (PNG). */
  readonly screenshot?: string;
}

export interface ScanIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly during?: CliIo['during'];
}

/** @returns 0: not served (and the current one is, if it was given); 1: still served; 2: nothing is proven */
export async function scanCommand(options: ScanOptions, io: ScanIo): Promise<number> {
  const { superseded, current, missingLine, emptyControl } = await tokensOf(options, io);
  const faults = [...tokenFaults(superseded, current), ...optionFaults(options)];
  if (missingLine) faults.push('Standard input holds no line for --current.');
  if (emptyControl) faults.push('The current token is empty: is a variable not set? Without a control, leave it out.');
  if (faults.length > 0 || !superseded) {
    for (const fault of faults) io.err(`${fault}\n`);
    return EXIT.unproven;
  }
  const browser = options.browser === false ? undefined : await browserOf(options);
  if (options.browser !== false && !browser) io.err('No Chrome or Chromium is here: only the reader speaks.\n');
  if (!browser && options.reader === false) {
    io.err('Without the reader and without a browser there is nobody to look.\n');
    return EXIT.unproven;
  }
  const findings: SiteFinding[] = [];
  for (const url of options.urls) {
    const scan = () => inspect(url, { superseded, current }, options, browser);
    const finding = await (io.during?.(`looking at ${url}`, scan) ?? scan());
    findings.push(finding);
    if (!options.json) io.out(describeFinding(finding, current !== undefined));
  }
  const exit = exitCode(findings, current !== undefined);
  if (options.json) io.out(`${JSON.stringify({ exit, findings }, null, 2)}\n`);
  return exit;
}

async function inspect(
  url: string,
  tokens: { superseded: string; current: string | undefined },
  options: ScanOptions,
  browser: PageSource | undefined,
): Promise<SiteFinding> {
  const values = new Map((options.header ?? []).map(headerOf));
  // With it come the parsers, which no other command needs.
  const { createSiteScanner } = await import('../lambdas/evidence/sites/scanner.ts');
  const scanner = createSiteScanner({
    allowPrivateHosts: privateHosts(options),
    stopWhenFound: false,
    limits: options.timeout ? { scanTimeoutMs: Math.ceil(options.timeout * 1000) } : {},
    reader: options.reader !== false,
    ...(browser ? { browser } : {}),
    credentials: { read: async (source) => ('secret' in source ? (values.get(source.secret) ?? '') : '') },
  });
  const site = {
    url,
    extraOrigins: options.extraOrigin ?? [],
    clicks: options.click ?? [],
    ignore: (options.ignore ?? []).map((pattern) => ({ url: pattern, reason: '--ignore' })),
    headers: Object.fromEntries([...values.keys()].map((name) => [name, { secret: name }])),
  };
  return withinGrace(await scanner.inspect(site, tokens), (options.grace ?? DEFAULT_GRACE) * 3600);
}

/** `host:port`, also out of an address that was copied. */
function privateHost(text: string): string | undefined {
  const isAddress = /^https?:\/\//.test(text);
  const url = URL.parse(isAddress ? text : `http://${text}`);
  if (!url || (!isAddress && !/^[^/?#]+:\d+\/?$/.test(text))) return undefined;
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}
const privateHosts = ({ allowPrivate = [] }: ScanOptions): readonly string[] =>
  allowPrivate.flatMap((host) => privateHost(host) ?? []);

const headerOf = (line: string): [name: string, value: string] => {
  const at = line.indexOf(':');
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
};

/** Playwright and Chromium are loaded only when they are asked for. */
async function browserOf(options: ScanOptions): Promise<PageSource | undefined> {
  const { createLocalBrowser } = await import('../lambdas/browser/local.ts');
  return createLocalBrowser({
    allowPrivateHosts: privateHosts(options),
    ...(options.timeout ? { totalMs: Math.ceil(options.timeout * 1000) } : {}),
    ...(options.screenshot ? { screenshot: options.screenshot } : {}),
  });
}

async function tokensOf(options: ScanOptions, io: ScanIo) {
  const lines = [options.find, options.current].includes('-') ? await readLines(io.stdin) : [];
  const given = (option: string | undefined, variable: string) =>
    (option === '-' ? lines.shift() : (option ?? io.env[variable]))?.trim() || undefined;
  const superseded = given(options.find, TOKEN_VARIABLES.find);
  const current = given(options.current, TOKEN_VARIABLES.current);
  const missingLine = options.current === '-' && !current;
  const wasGiven = (options.current ?? io.env[TOKEN_VARIABLES.current]) !== undefined;
  return { superseded, current, missingLine, emptyControl: wasGiven && !current && !missingLine };
}

function tokenFaults(superseded: string | undefined, current: string | undefined): string[] {
  return [
    !superseded && `Name the token to search for: --find, or ${TOKEN_VARIABLES.find}, or --find - and a line of input.`,
    superseded && !isToken(superseded) && 'The token to search for is not a client-side token (live_… or test_…).',
    current && !isToken(current) && 'The current token is not a client-side token (live_… or test_…).',
  ].flatMap((fault) => fault || []);
}

function optionFaults({ urls, timeout, grace, header = [], allowPrivate = [] }: ScanOptions): string[] {
  return [
    urls.length === 0 && 'Name at least one URL.',
    timeout !== undefined &&
      !(timeout > 0 && timeout <= LONGEST_TIMEOUT) &&
      `The time-out must be a number of seconds above 0, and ${LONGEST_TIMEOUT} at the most.`,
    grace !== undefined &&
      !(grace >= 0 && grace <= LONGEST_GRACE) &&
      `The grace window must be a number of hours, and ${LONGEST_GRACE} at the most.`,
    header.some((line) => !/^[\w-]+\s*:/.test(line)) && 'A header is written as "name: value".',
    ...allowPrivate.map(
      (host) =>
        privateHost(host) === undefined && `--allow-private "${host}": write it as host:port, such as localhost:3000.`,
    ),
  ].flatMap((fault) => fault || []);
}

function exitCode(findings: readonly SiteFinding[], hasControl: boolean): number {
  if (findings.some(({ verdict }) => verdict === 'superseded')) return EXIT.found;
  return findings.every((finding) => isClean(finding, hasControl)) ? EXIT.clean : EXIT.unproven;
}

/** Without a control, a page in which no token was seen is as clean as it can be. */
export const isClean = ({ verdict, reasons }: SiteFinding, hasControl: boolean): boolean =>
  verdict === 'current' ||
  (!hasControl && verdict === 'incomplete' && reasons.every(({ code }) => code === 'current_not_seen'));

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
