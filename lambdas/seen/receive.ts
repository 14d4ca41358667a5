/**
 * Takes the beacons of pages. Anybody can send one: the fingerprint is on every page. So nothing is believed of it but that
 * a page may still use the token: that delays a revocation, or, of a revoked one, has somebody told once a day.
 */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Clock, Log, ReconcileQueue } from '../domain/ports.ts';
import { instant } from '../domain/time.ts';
import { type Known, KnownTokens } from './known.ts';
import type { SeenLedger } from './ports.ts';
import { Tally } from './tally.ts';

/** As `fingerprintOf` makes it, and nothing else. */
const BEACON = /^[0-9a-f]{32}$/;
const INTEGRATION = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** In base64. */
const MOST_CHARACTERS = 64;
/** Within this time (ms) one word to `rotate` is enough, however many processes hear of it. */
const NEWS_EVERY = 300_000;
/** The browser with which Paddlewheel looks at pages itself: nobody buys in it. */
const OWN_BROWSER = /\bPaddlewheel$/;

/** Without a body: the page that sends a beacon reads no answer. */
export interface Answer {
  readonly statusCode: 204 | 400 | 404 | 413 | 500;
}

export interface ReceiveParts {
  readonly ledger: SeenLedger;
  readonly queue: ReconcileQueue;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The function behind `POST /seen/{integration}`; the body is the fingerprint of the token in use.
 * @returns 204 when the beacon was counted, and as well when nobody knows the fingerprint; 404 when nobody listens to the
 * integration; 413 and 400 when it is no beacon; 500 when it could not be counted
 */
export function createReceiver({ ledger, queue, clock, log }: ReceiveParts) {
  const known = new KnownTokens(ledger, clock);
  const tally = new Tally();
  return async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    const { body = '', isBase64Encoded, headers = {}, pathParameters } = event;
    if (body.length > MOST_CHARACTERS) return { statusCode: 413 };
    const fingerprint = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
    if (!BEACON.test(fingerprint)) return { statusCode: 400 };
    const integration = pathParameters?.integration ?? '';
    if (!INTEGRATION.test(integration)) return { statusCode: 404 };
    if (OWN_BROWSER.test(headers['user-agent'] ?? '')) return { statusCode: 204 };
    try {
      const found = await known.find(integration, fingerprint);
      if (!found) return { statusCode: 404 };
      if (found.tokenId !== undefined) await count(integration, found.tokenId, found);
      return { statusCode: 204 };
    } catch (error) {
      log.error('A beacon could not be counted', { integration, error });
      return { statusCode: 500 };
    }
  };

  async function count(integration: string, tokenId: string, { every, isNews }: Known): Promise<void> {
    const now = clock.now();
    const counted = tally.add(tokenId, now, every);
    if (counted === 0) return;
    try {
      const isWritten = await ledger.record({ integration, tokenId, at: instant(now), count: counted });
      // Another process was a moment faster, and has written that the token is in use.
      if (!isWritten) tally.putBack(tokenId, counted, 'due');
    } catch (error) {
      tally.putBack(tokenId, counted, 'next');
      throw error;
    }
    // It is in the ledger: `rotate` looks there, tells somebody, and looks at the pages.
    if (isNews) await queue.send([{ integration, cause: 'seen', key: `${tokenId} ${Math.floor(now / NEWS_EVERY)}` }]);
  }
}
