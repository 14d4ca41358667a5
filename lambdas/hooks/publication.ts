import * as z from 'zod/mini';
import { PUBLICATIONS } from '../contract.ts';
import type { Publication } from './ports.ts';

const text = z.string().check(z.minLength(1), z.maxLength(256));
/** As much of an EventBridge event as is needed. */
const Event = z.object({
  detail: z.object({
    id: text,
    type: z.enum(PUBLICATIONS),
    at: z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)),
    account: text,
    integration: text,
    tokenId: z.optional(text),
    rotationId: z.optional(text),
  }),
});

/**
 * @param body a message of the queue: an event of the bus, as EventBridge delivers it
 * @throws RangeError for anything else; what it was stays in the message
 */
export function parsePublication(body: string): Publication {
  const parsed = Event.safeParse(parsedJson(body));
  if (!parsed.success) throw new RangeError('the message is no event of a publication');
  return parsed.data.detail;
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The schema then says that it is no event; the parser's own message would quote it.
    return undefined;
  }
}
