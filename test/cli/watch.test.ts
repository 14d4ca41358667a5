/** `status --watch` and `audit --follow`: what comes while somebody looks, and that they end. */
import type { CliIo } from '../../cli/io.ts';
import { entryOf, installation } from './world.ts';

/** Each time the command rests, the next of these happens; after the last, Ctrl-C. */
async function looking(
  steps: (world: Awaited<ReturnType<typeof installation>>) => readonly (() => Promise<unknown>)[],
) {
  const world = await installation();
  const ended = new AbortController();
  const next = [...steps(world)];
  const io: Partial<CliIo> = {
    interrupted: () => ended.signal,
    rest: async () => {
      world.harness.clock.advance(5_000);
      const step = next.shift();
      if (step) await step();
      else ended.abort();
    },
  };
  return { ...world, io, left: () => next.length };
}
const nothing = async () => {};

test.each(['audit pricing-page --follow', 'audit --follow', 'status --watch'])(
  'Ctrl-C ends %s at once, whatever it waits for',
  async (line) => {
    const { command, aws } = await installation();
    const ended = new AbortController();
    const never = () => {
      ended.abort();
      return new Promise<never>(() => {});
    };
    aws.trail = never;
    aws.invoke = never;
    expect(await command(line, { io: { interrupted: () => ended.signal } })).toEqual({ exit: 0, out: '', err: '' });
  },
);

test('what others have written makes no line of its own', async () => {
  const { command, aws } = await installation();
  const ask = aws.invoke;
  const lied = 'a reason\n2026-01-01T00:00:00.000Z  shop: healthy. \u001b[2J';
  aws.invoke = async (name, payload) => {
    const { action } = payload as { action?: string };
    if (action === 'failing') {
      const one = { integration: 'shop', account: 'a', owner: 'api', step: 'mint', since: 'now', message: lied };
      return { failing: [one, { ...one, integration: undefined }] };
    }
    const answer = (await ask(name, payload)) as { standings?: object[] };
    return action === 'list'
      ? answer
      : { ...answer, standings: answer.standings?.map((one) => ({ ...one, why: lied })) };
  };
  for (const line of ['status --failing', 'status --watch --timeout 1', 'status', 'why pricing-page'])
    expect((await command(line)).out).not.toMatch(/^2026-01-01|^ *shop: healthy/m);
});

describe('status --watch', () => {
  test('in a pipe prints a verdict when it is another one, until Ctrl-C', async () => {
    const { command, io } = await looking(({ command }) => [
      nothing,
      () => command('rotate pricing-page'),
      nothing,
      () => command('pause pricing-page'),
      nothing,
    ]);
    const { exit, out, err } = await command('status --watch', { io });
    expect(out.replaceAll(/^\S+Z {2}|\..*$/gm, '').split('\n')).toEqual([
      'pricing-page: healthy',
      'pricing-page: in grace',
      'pricing-page: paused',
      '',
    ]);
    expect([exit, err]).toEqual([0, '']);
  });

  test('with --json a line is an object', async () => {
    const { command, io } = await looking(({ command }) => [() => command('rotate pricing-page')]);
    const { out } = await command('status pricing-page --watch --json', { io });
    const lines = out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { integration: 'pricing-page', word: 'healthy', at: expect.stringMatching(/Z$/) },
      { integration: 'pricing-page', word: 'in grace' },
    ]);
  });

  test('on a terminal draws anew each time, and no more rows than there are', async () => {
    const drawn: string[] = [];
    const { command, io, aws } = await looking(() => [nothing]);
    const ask = aws.invoke;
    const names = Array.from({ length: 40 }, (_, index) => `shop-${index}`);
    aws.invoke = async (name, { integration, ...rest }: { integration?: string }) =>
      integration === undefined
        ? { integrations: names }
        : { ...(await ask(name, { ...rest, integration: 'pricing-page' })), integration };
    const screen = { columns: 80, rows: 12, clear: () => void drawn.push('') };
    const out = (text: string) => void drawn.push((drawn.pop() ?? '') + text);
    expect((await command('status --watch', { io: { ...io, screen, out } })).exit).toBe(0);
    expect(drawn).toHaveLength(2);
    for (const frame of drawn) expect(frame.split('\n').length).toBeLessThanOrEqual(12);
    expect(drawn[1]).toMatch(/shop-7 .*\n… and 32 more\. 40 integrations: 40 healthy\n.*Ctrl-C ends it\.\n$/);
  });

  test('ends after its time, and says so', async () => {
    const { command, harness } = await installation();
    const begun = harness.clock.now();
    const { exit, err } = await command('status --watch --timeout 12');
    expect([exit, err]).toEqual([0, 'Watched for 12 seconds (--timeout).\n']);
    expect(harness.clock.now() - begun).toBe(12_000);
  });

  test.each(['0', '-1', 'soon', '86401'])('is bounded: --timeout %s is none', async (timeout) => {
    const { command } = await installation();
    expect((await command(`status --watch --timeout ${timeout}`)).exit).toBe(2);
    expect((await command(`audit --follow --timeout ${timeout}`)).exit).toBe(2);
  });

  test('outlives a failure, and not one that stays', async () => {
    const { command, io, aws } = await looking(() => Array.from({ length: 20 }, () => nothing));
    const ask = aws.invoke;
    let asked = 0;
    aws.invoke = (name, payload) => {
      asked += 1;
      return asked === 3 || asked > 5 ? Promise.reject(new Error('throttled')) : ask(name, payload);
    };
    const { exit, err } = await command('status pricing-page --watch', { io });
    expect(exit).toBe(1);
    expect(err.split('\n').filter((line) => line === 'throttled; asked again.')).toHaveLength(1 + 4);
    expect(asked).toBe(10);
  });

  test('of a name that is mistyped ends at once', async () => {
    const { command, io } = await looking(() => [nothing]);
    const { exit, err } = await command('status pricing-paeg --watch', { io });
    expect([exit, err]).toEqual([1, expect.stringContaining('Did you mean "pricing-page"?')]);
  });

  test('--timeout without it is refused', async () => {
    const { command } = await installation();
    expect((await command('status --timeout 5')).exit).toBe(2);
    expect((await command('audit --timeout 5')).exit).toBe(2);
  });

  test('Ctrl-C does not wait for an answer that does not come', async () => {
    const { command, aws } = await installation();
    const ended = new AbortController();
    aws.invoke = () => {
      ended.abort();
      return new Promise(() => {});
    };
    expect(await command('status pricing-page --watch', { io: { interrupted: () => ended.signal } })).toMatchObject({
      exit: 0,
      out: '',
    });
  });
});

describe('audit --follow', () => {
  const typesIn = (out: string) =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);

  test('goes on with each record as it comes, once', async () => {
    const { command, io, harness } = await looking(({ command }) => [
      nothing,
      () => command('rotate pricing-page'),
      nothing,
      () => command('pause pricing-page'),
    ]);
    const before = harness.ledger.records.length;
    const { exit, out } = await command('audit pricing-page --follow --json', { io });
    expect(exit).toBe(0);
    const all = harness.ledger.records;
    expect(all.length).toBeGreaterThan(before + 2);
    expect(typesIn(out).sort()).toEqual(all.map(({ type }) => type).sort());
  });

  test("has what Paddle says of the integration's tokens, a fresh one's too, and of no other", async () => {
    const webhook = (id: string, tokenId: string, at: number) => {
      const record = { id, type: 'client_token.updated', tokenId, account: 'sandbox', at: new Date(at).toISOString() };
      return { ...entryOf(record as Parameters<typeof entryOf>[0]), kind: 'webhook' };
    };
    const { command, io } = await looking(({ command, harness, more }) => [
      // Before anybody knows whose the token is.
      async () => {
        await command('rotate pricing-page');
        more.push(webhook('evt_1', harness.current?.id ?? '', harness.clock.now()));
        more.push(webhook('evt_2', 'ctkn_01another', harness.clock.now()));
      },
      nothing,
    ]);
    const { out } = await command('audit pricing-page --follow --json', { io });
    expect(out).toContain('evt_1');
    expect(out).not.toContain('evt_2');
  });

  test('ends after its time, outlives a failure, and wants no file', async () => {
    const { command, aws } = await installation();
    const open = aws.trail;
    let opened = 0;
    aws.trail = () => {
      opened += 1;
      return opened === 2 ? Promise.reject(new Error('throttled')) : open();
    };
    const { exit, err } = await command('audit --follow --timeout 12');
    expect([exit, err]).toEqual([0, 'throttled; asked again.\nFollowed for 12 seconds (--timeout).\n']);
    for (const option of ['--out x', '--until 2026-12-01', '--day 2026-12-01'])
      expect((await command(`audit --follow ${option}`)).exit).toBe(2);
  });
});
