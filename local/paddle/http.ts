/** Small things about HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from './errors.ts';

const MAX_BODY_BYTES = 1_000_000;
/** A body beyond the limit is read to its end, so that the refusal arrives; beyond this one the connection is cut. */
const MAX_READ_BYTES = 20_000_000;

/** @throws Refusal 413 beyond a megabyte */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    if (size > MAX_READ_BYTES) request.destroy();
  }
  if (size > MAX_BODY_BYTES) throw new Refusal('request_body_too_large', 'Request body is too large.');
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws Refusal for what is no JSON, or does not say that it is */
export function parseJson(text: string, contentType: string | undefined): unknown {
  if (text === '') return undefined;
  if (!/^application\/json\b/i.test(contentType ?? '')) {
    throw new Refusal('bad_request', 'Content-Type must be application/json.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('invalid_json', 'Request body is not valid JSON.');
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  json: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendText(response, status, json === undefined ? '' : JSON.stringify(json), {
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...headers,
  });
}

export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  // The caller may have hung up meanwhile.
  if (response.destroyed) return;
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) };
  response.writeHead(status, { ...length, ...headers });
  response.end(text);
}
