/** What a person at a terminal is told when nothing was printed for two seconds: what is waited for, and how long already. */
import type { CliIo } from './io.ts';
import type { CliAws } from './ports.ts';

const SILENT_MS = 2_000;
const EVERY_MS = 250;
const WHEEL = ['|', '/', '-', '\\'] as const;

/** Both as before, with a line of progress beside them until `end`. Without one nothing is different. */
export function withProgress(given: CliIo, aws: CliAws): { io: CliIo; aws: CliAws; end(): void } {
  const { progressLine } = given;
  if (!progressLine) return { io: given, aws, end: () => {} };
  const atWork: string[] = [];
  let since = given.now();
  let turns = 0;
  let isShown = false;
  const heard = () => {
    since = given.now();
    if (isShown) progressLine.show('');
    isShown = false;
  };
  const stop = progressLine.every(EVERY_MS, () => {
    const what = atWork.at(-1);
    const silent = given.now() - since;
    if (what === undefined || silent < SILENT_MS) return;
    turns += 1;
    isShown = true;
    progressLine.show(`${WHEEL[turns % WHEEL.length]} ${what} (${Math.floor(silent / 1_000)} s)`);
  });
  const during = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    atWork.push(what);
    try {
      return await work();
    } finally {
      atWork.splice(atWork.lastIndexOf(what), 1);
    }
  };
  const io: CliIo = {
    ...given,
    out(...all) {
      heard();
      given.out(...all);
    },
    err(...all) {
      heard();
      given.err(...all);
    },
    rest: (...all) => given.rest(...all).finally(heard),
    ask(question) {
      heard();
      return given.ask(question).finally(heard);
    },
    during,
  };
  const end = () => {
    stop();
    heard();
  };
  return { io, aws: measured(aws, during), end };
}

type During = NonNullable<CliIo['during']>;
type Call = (...given: readonly unknown[]) => Promise<unknown>;

/** Every question to AWS is work that may take long. */
function measured(aws: CliAws, during: During): CliAws {
  const around = <T extends object>(subject: T, wordsFor: (name: string, given: readonly unknown[]) => string): T =>
    new Proxy(subject, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...given: readonly unknown[]) => {
          const answer = await during(wordsFor(String(name), given), () => (value as Call).apply(target, [...given]));
          return name === 'trail' ? around(answer as object, () => 'reading the audit trail') : answer;
        };
      },
    });
  return around(aws, words);
}

function words(name: string, [first, payload]: readonly unknown[]): string {
  if (name === 'invoke') {
    const { integration } = (payload ?? {}) as { integration?: string };
    return integration ? `${first} is at work on ${integration}` : `${first} is at work`;
  }
  if (name.startsWith('trail')) return 'reading the audit trail';
  return name === 'tokensOf' ? 'reading the ledger' : 'asking AWS';
}
