import type { ScriptedHttp } from '../fakes/scripted-http.ts';
import { closeAll, ending, entity, HTML, openPaddle, page, refused, revoked, tokenId } from './setup.ts';

afterEach(closeAll);

const FIRST = '/client-tokens?status=active,revoked&per_page=200&order_by=id[DESC]';
const nextOf = (server: ScriptedHttp, n: number) => `${server.url}${FIRST}&after=${tokenId(n)}`;
const token = (n: number, createdAt = '2026-11-22T05:00:00Z') => entity({ id: tokenId(n), created_at: createdAt });

describe('list', () => {
  test('asks for active and revoked tokens, newest first, in the largest pages', async () => {
    const { server, client } = await openPaddle();
    server.replies(page([token(2), entity({ id: tokenId(1), ...revoked })], null));
    const tokens = await client.list();
    expect(tokens.map(({ id, status }) => [id, status])).toEqual([
      [tokenId(2), 'active'],
      [tokenId(1), 'revoked'],
    ]);
    expect(decodeURIComponent(server.asked[0]?.path ?? '')).toBe(FIRST);
  });

  test('follows next while there is more, and not because next is there', async () => {
    const { server, client } = await openPaddle();
    server.replies(
      page([token(3)], nextOf(server, 3)),
      page([], nextOf(server, 2)),
      page([token(1)], nextOf(server, 1), false),
    );
    expect((await client.list()).map(({ id }) => id)).toEqual([tokenId(3), tokenId(1)]);
    expect(server.asked).toHaveLength(3);
    expect(server.asked[1]?.path).toContain(`after=${tokenId(3)}`);
  });

  test('names a token once that moved to the next page meanwhile', async () => {
    const { server, client } = await openPaddle();
    server.replies(page([token(2), token(1)], nextOf(server, 2)), page([token(1)], null));
    expect(await client.list()).toHaveLength(2);
  });

  describe('back to an instant', () => {
    const SINCE = '2026-11-22T04:00:00.000Z';
    // Days apart, the newest first; with the hour of skew, tokens from 03:00 on count as new.
    const history = (server: ScriptedHttp) => [
      page([token(6, '2026-11-22T05:00:00Z'), token(5, '2026-11-20T05:00:00Z')], nextOf(server, 5)),
      page([token(4, '2026-11-19T05:00:00Z'), token(3, '2026-11-18T05:00:00Z')], nextOf(server, 3)),
      page([token(2, '2026-11-17T05:00:00Z')], nextOf(server, 2)),
      page([token(1, '2026-11-16T05:00:00Z')], null),
    ];

    test('stops after the first page that is older as a whole', async () => {
      const { server, client } = await openPaddle();
      server.replies(...history(server));
      const tokens = await client.list(SINCE);
      expect(server.asked).toHaveLength(2);
      expect(tokens.map(({ id }) => id)).toContain(tokenId(6));
    });

    test('allows an hour between the clocks', async () => {
      const { server, client } = await openPaddle();
      server.replies(
        page([token(3, '2026-11-22T03:00:00Z')], nextOf(server, 3)),
        page([token(2, '2026-11-22T02:59:59Z')], nextOf(server, 2)),
        page([token(1)], null),
      );
      expect((await client.list(SINCE)).map(({ id }) => id)).toEqual([tokenId(3), tokenId(2)]);
    });

    test('reads on past a page that is empty', async () => {
      const { server, client } = await openPaddle();
      server.replies(page([], nextOf(server, 9)), page([token(6)], null));
      expect(await client.list(SINCE)).toHaveLength(1);
    });

    test('reads everything when the instant is none', async () => {
      const { server, client } = await openPaddle();
      server.replies(...history(server));
      expect(await client.list('')).toHaveLength(6);
    });
  });

  describe('is an error and never a part', () => {
    const BROKEN: Record<string, [(server: ScriptedHttp) => Parameters<ScriptedHttp['replies']>, string]> = {
      'next leads to another host': [
        () => [page([token(1)], 'https://evil.example/client-tokens?after=x')],
        'RefusedError foreign_pagination_host',
      ],
      'next leads to another port': [
        () => [page([token(1)], 'http://127.0.0.1:1/client-tokens')],
        'RefusedError foreign_pagination_host',
      ],
      'next leaves TLS or takes it up': [
        (server) => [page([token(1)], server.url.replace('http:', 'https:'))],
        'RefusedError foreign_pagination_host',
      ],
      'next hides the host behind a user': [
        (server) => [page([token(1)], `${server.url}@evil.example/x`)],
        'RefusedError foreign_pagination_host',
      ],
      'next is no whole address': [
        () => [page([token(1)], '/client-tokens?after=x')],
        'RefusedError foreign_pagination_host',
      ],
      'there is more but no next': [() => [page([token(1)], null, true)], 'RefusedError foreign_pagination_host'],
      'it goes round in a circle': [
        (server) => [page([token(2)], nextOf(server, 2)), page([token(1)], nextOf(server, 2))],
        'RefusedError pagination_loop',
      ],
      'a later page fails': [
        (server) => [page([token(2)], nextOf(server, 2)), HTML, HTML, HTML],
        'TransientError http_502',
      ],
      'a later page is refused': [
        (server) => [page([token(2)], nextOf(server, 2)), refused(403, 'forbidden')],
        'RefusedError forbidden',
      ],
      'the pagination is missing': [
        () => [{ status: 200, body: { data: [], meta: { request_id: 'r' } } }],
        'TransientError unreadable_answer',
      ],
      'one token has no date': [
        () => [page([token(2), entity({ created_at: 'soon' })], null)],
        'TransientError unreadable_answer',
      ],
      'one token is of the other environment': [
        () => [page([token(2), entity({ token: 'live_7d279f61a3499fed520f7cd8c08' })], null)],
        'AlertError token_environment_mismatch',
      ],
      'one token has a status that nobody knows': [
        () => [page([token(2), entity({ status: 'suspended' })], null)],
        'RefusedError unknown_token_status',
      ],
    };
    test.each(Object.entries(BROKEN))('when %s', async (_, [script, expected]) => {
      const { server, client } = await openPaddle();
      server.replies(...script(server));
      expect(await ending(client.list())).toBe(expected);
    });

    test('when it has no end', async () => {
      const { server, client } = await openPaddle({ maxPages: 3 });
      let n = 100;
      server.otherwise(() => page([token(n--)], nextOf(server, n)));
      expect(await ending(client.list())).toBe('RefusedError too_many_pages');
      expect(server.asked).toHaveLength(3);
    });

    test('when it takes too long', async () => {
      const { server, client, clock } = await openPaddle({ listDeadlineMs: 1_000 });
      server.otherwise(() => {
        clock.time += 400;
        return page([token(server.asked.length)], nextOf(server, server.asked.length));
      });
      expect(await ending(client.list())).toBe('TransientError list_deadline');
      expect(server.asked).toHaveLength(3);
    });
  });

  test.each<[what: string, odd: unknown]>([
    ['has no date', entity({ name: 'theirs', created_at: null })],
    ['has no value', entity({ name: 'theirs', token: undefined })],
    ['has a value that is none', entity({ name: 'theirs', token: 'test_#' })],
    ['has an id that is none', entity({ name: 'theirs', id: 7 })],
    ['has a status that is none', entity({ name: 'theirs', status: ['active'] })],
    ['has a status that nobody knows', entity({ name: 'theirs', status: 'suspended' })],
    ['has no name and is too old to be the one', entity({ name: null, created_at: '2025-01-01T00:00:00Z' })],
    ['is odd and too old to be the one', entity({ token: 7, created_at: '2025-01-01T00:00:00+02:00' })],
  ])('leaves out one that %s and is surely not searched for', async (_, odd) => {
    const { server, client } = await openPaddle();
    server.replies(page([token(3), odd], nextOf(server, 3)), page([token(2)], null));
    const tokens = await client.list('2026-11-22T04:00:00.000Z');
    expect(tokens.map(({ id }) => id)).toEqual([tokenId(3), tokenId(2)]);
  });

  test.each<[what: string, odd: unknown]>([
    ['is null', null],
    ['has no name', entity({ name: null })],
    ['has a name that could be ours, and no value', entity({ token: null })],
  ])('is an error when one %s, for it may be the one that is searched for', async (_, odd) => {
    const { server, client } = await openPaddle();
    server.replies(page([token(3), odd], null));
    expect(await ending(client.list('2026-11-22T04:00:00.000Z'))).toBe('TransientError unreadable_answer');
  });

  test.each([
    ['2026-11-22T05:00:00+00:00', '2026-11-22T05:00:00.000Z'],
    ['2026-11-22t07:00:00.1234567890+02:00', '2026-11-22T05:00:00.123Z'],
    ['2026-11-22T05:00:00z', '2026-11-22T05:00:00.000Z'],
  ])('reads the date %s', async (written, createdAt) => {
    const { server, client } = await openPaddle();
    server.replies(page([token(3, written)], null));
    expect(await client.list()).toMatchObject([{ createdAt }]);
  });

  test('leaves out a token of unknown status that is too old to be the one that is searched for', async () => {
    const { server, client } = await openPaddle();
    server.replies(page([token(2), entity({ status: 'archived', created_at: '2025-01-01T00:00:00Z' })], null));
    expect(await client.list('2026-11-22T04:00:00.000Z')).toHaveLength(1);
  });
});
