import { RefusedError } from '../../lambdas/domain/errors.ts';
import type { Target } from '../../lambdas/domain/model.ts';
import type { Targets } from '../../lambdas/rotation/ports.ts';
import { unique } from './samples.ts';

export interface TargetsWorld {
  readonly targets: Targets;
  /** How many values the target has had. */
  versions(target: Target): Promise<number>;
  /** Somebody else writes the whole content. */
  putOutside(target: Target, text: string): Promise<void>;
  /** The whole content. */
  content(target: Target): Promise<string | undefined>;
}

/** What a token looks like: `test_` and 27 characters. */
export const tokenLike = (name: string, prefix = 'test_'): string => `${prefix}${name.padEnd(27, '0')}`;
const [FIRST, SECOND, OURS, THEIRS, LIVE] = [
  tokenLike('first'),
  tokenLike('second'),
  tokenLike('ours'),
  tokenLike('theirs'),
  tokenLike('live', 'live_'),
];

const KINDS = ['ssm', 'secret', 'key of a secret'] as const;
type Kind = (typeof KINDS)[number];

function someTarget(kind: Kind): Target {
  const name = `paddle/${unique('target')}/client-token`;
  if (kind === 'ssm') return { kind, name: `/${name}` };
  return kind === 'secret' ? { kind, name } : { kind: 'secret', name, jsonKey: 'PADDLE_CLIENT_TOKEN' };
}

/** The content in which a text stands where the token belongs. */
const holding = (kind: Kind, text: string) =>
  kind === 'key of a secret' ? JSON.stringify({ OTHER: 'kept', PADDLE_CLIENT_TOKEN: text }) : text;

/** What SSM and Secrets Manager must do behind `Targets`. */
export function targetsContract(make: () => TargetsWorld): void {
  describe.each(KINDS)('a target of kind %s', (kind) => {
    test('that does not exist reads as undefined', async () => {
      expect(await make().targets.read(someTarget(kind))).toBeUndefined();
    });

    test('is created by the first write and overwritten by the next', async () => {
      const { targets } = make();
      const target = someTarget(kind);
      await targets.write(target, FIRST, 'rotation-1');
      expect(await targets.read(target)).toBe(FIRST);
      await targets.write(target, SECOND, 'rotation-2');
      expect(await targets.read(target)).toBe(SECOND);
    });

    test('has one version however often the same write is repeated', async () => {
      const { targets, versions } = make();
      const target = someTarget(kind);
      await targets.write(target, FIRST, 'rotation-1');
      await targets.write(target, FIRST, 'rotation-1');
      await targets.write(target, FIRST, 'rotation-1');
      expect(await versions(target)).toBe(1);
    });

    test('gets our value back when somebody wrote between two equal writes', async () => {
      const { targets, putOutside } = make();
      const target = someTarget(kind);
      await targets.write(target, OURS, 'rotation-1');
      await putOutside(target, holding(kind, THEIRS));
      expect(await targets.read(target)).toBe(THEIRS);
      await targets.write(target, OURS, 'rotation-1');
      expect(await targets.read(target)).toBe(OURS);
      await putOutside(target, holding(kind, THEIRS));
      await targets.write(target, OURS, 'rotation-1');
      expect(await targets.read(target)).toBe(OURS);
    });

    test('takes a value that it had before, for a later rotation (rollback)', async () => {
      const { targets } = make();
      const target = someTarget(kind);
      await targets.write(target, FIRST, 'rotation-1');
      await targets.write(target, SECOND, 'rotation-2');
      await targets.write(target, FIRST, 'rotation-3');
      expect(await targets.read(target)).toBe(FIRST);
    });

    test('survives two writers who both find it missing', async () => {
      const { targets } = make();
      const target = someTarget(kind);
      await Promise.all([targets.write(target, FIRST, 'rotation-1'), targets.write(target, FIRST, 'rotation-1')]);
      expect(await targets.read(target)).toBe(FIRST);
    });

    test.each([
      ['value', '', 'rotation-1'],
      ['key', FIRST, ''],
    ])('refuses an empty %s, and stays as it was', async (_, value, key) => {
      const { targets } = make();
      const target = someTarget(kind);
      await expect(targets.write(target, value, key)).rejects.toBeInstanceOf(RangeError);
      expect(await targets.read(target)).toBeUndefined();
    });

    test.each([
      ['a token', THEIRS],
      ['a token with white space around it', ` ${THEIRS}\n`],
      ['white space', ' '],
    ])('that holds %s is taken', async (_, text) => {
      const { targets, putOutside } = make();
      const target = someTarget(kind);
      await putOutside(target, holding(kind, text));
      expect(await targets.read(target)).toBe(text);
      await targets.write(target, OURS, 'rotation-1');
      expect(await targets.read(target)).toBe(OURS);
    });

    test.each([
      ['another text', 'changeme', 'not_a_token'],
      ['a token among other text', `token=${THEIRS}`, 'not_a_token'],
      ['what only begins like a token', 'test_results', 'not_a_token'],
      ['an API key', 'pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO', 'not_a_token'],
      ['JSON', '{"PASSWORD":"x"}', 'not_a_token'],
      ['a token of the other environment', LIVE, 'other_environment'],
    ])('that holds %s is refused, with the remedy, and stays as it was', async (_, text, code) => {
      const { targets, putOutside, versions, content } = make();
      const target = someTarget(kind);
      await putOutside(target, holding(kind, text));
      const written = targets.write(target, OURS, 'rotation-1');
      await expect(written).rejects.toBeInstanceOf(RefusedError);
      await expect(written).rejects.toMatchObject({ code, message: expect.stringContaining(target.name) });
      await expect(written).rejects.not.toThrow(text);
      expect(await content(target)).toBe(holding(kind, text));
      expect(await versions(target)).toBe(1);
    });

    test('that holds a token among other things shows it to whoever searches, and is not taken for it', async () => {
      const { targets, putOutside } = make();
      const target = someTarget(kind);
      const texts =
        kind === 'key of a secret'
          ? [
              THEIRS,
              `{"PADDLE_CLIENT_TOKEN":"x","PADDLE_CLIENT_TOKEN":"${THEIRS}"}`,
              holding(kind, 'x').replace('"x"', `["${THEIRS}"]`),
            ]
          : [`token=${THEIRS}`];
      for (const text of texts) {
        await putOutside(target, text);
        const read = await targets.read(target);
        expect(read).toContain(THEIRS);
        expect(read).not.toBe(THEIRS);
      }
    });

    test('that held our token and holds something else by now is refused, too', async () => {
      const { targets, putOutside, content } = make();
      const target = someTarget(kind);
      await targets.write(target, OURS, 'rotation-1');
      await putOutside(target, holding(kind, 'something else'));
      await expect(targets.write(target, SECOND, 'rotation-2')).rejects.toMatchObject({ code: 'not_a_token' });
      expect(await content(target)).toBe(holding(kind, 'something else'));
    });
  });

  describe('a key of a JSON secret', () => {
    test('changes, and every other character stays as it was', async () => {
      const { targets, putOutside, content } = make();
      const target = someTarget('key of a secret');
      const before = `{ "b": 1.0,\n\t"a":1e400, "PADDLE_CLIENT_TOKEN" : "${THEIRS}", "\\u00e4": [{"PADDLE_CLIENT_TOKEN":"}\\""}], "b": null }\n`;
      await putOutside(target, before);
      await targets.write(target, OURS, 'rotation-1');
      expect(await content(target)).toBe(before.replace(THEIRS, OURS));
    });

    test('that is missing is added', async () => {
      const { targets, putOutside, content } = make();
      const target = someTarget('key of a secret');
      await putOutside(target, '{"a":1}');
      expect(await targets.read(target)).toBeUndefined();
      await targets.write(target, OURS, 'rotation-1');
      expect(await content(target)).toBe(`{"a":1,"PADDLE_CLIENT_TOKEN":"${OURS}"}`);
    });

    test('and another key of the same secret are two targets', async () => {
      const { targets } = make();
      const one = someTarget('key of a secret');
      const other = { ...one, jsonKey: 'OTHER_TOKEN' } as Target;
      await targets.write(one, FIRST, 'rotation-1');
      await targets.write(other, SECOND, 'rotation-2');
      expect([await targets.read(one), await targets.read(other)]).toEqual([FIRST, SECOND]);
    });

    test.each([
      ['a bare token', THEIRS],
      ['a list', '[]'],
      ['broken JSON', '{"PADDLE_CLIENT_TOKEN":'],
      ['the key twice', `{"PADDLE_CLIENT_TOKEN":"${THEIRS}","PADDLE_CLIENT_TOKEN":"${THEIRS}"}`],
      ['a number', '{"PADDLE_CLIENT_TOKEN":5}'],
      ['an object', '{"PADDLE_CLIENT_TOKEN":{}}'],
    ])('is not written where there is %s', async (_, text) => {
      const { targets, putOutside, content } = make();
      const target = someTarget('key of a secret');
      await putOutside(target, text);
      await expect(targets.write(target, OURS, 'rotation-1')).rejects.toMatchObject({ code: 'not_a_token' });
      expect(await content(target)).toBe(text);
    });
  });
}
