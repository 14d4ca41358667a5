/** A loopback HTTP server that does what its script says, good or bad, and remembers what it was asked. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type Reply =
  /** `body`: text as it is, anything else as JSON. */
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  /** Reads the request, then is silent for ever. */
  | 'stall'
  /** Hangs up on a new connection when bytes arrive, and reads none of them. */
  | 'reset-unread'
  /** Reads the whole request, as a server does that dies after the commit, and hangs up. */
  | 'reset-after-read'
  /** Sends a status and half a body, and then hangs up, or is silent for ever. */
  | { readonly half: 'reset' | 'stall'; readonly status: number; readonly headers?: Record<string, string> };

export class ScriptedHttp {
  readonly asked: Asked[] = [];
  /** TCP connections so far. */
  connections = 0;
  readonly #tls: { readonly key: string; readonly cert: string } | undefined;
  readonly #http: ReturnType<typeof createHttpServer | typeof createHttpsServer>;
  readonly #server = createServer((socket) => this.#connect(socket));
  readonly #sockets = new Set<Socket>();
  #script: Reply[] = [];
  #answer: (asked: Asked) => Reply = () => ({ status: 418, body: 'the script is over' });

  /** @param tls speaks https with it, for the host that the certificate names */
  constructor(tls?: { readonly key: string; readonly cert: string }) {
    this.#tls = tls;
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#http = tls ? createHttpsServer(tls, listener) : createHttpServer(listener);
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return this.#tls ? `https://localhost:${this.port}` : `http://127.0.0.1:${this.port}`;
  }

  /** Adds to the script: one reply per request. */
  replies(...replies: Reply[]): this {
    this.#script.push(...replies);
    return this;
  }

  /** What to answer when the script is over. */
  otherwise(answer: (asked: Asked) => Reply): this {
    this.#answer = answer;
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    if (this.#script[0] !== 'reset-unread') {
      this.#http.emit('connection', socket);
      return;
    }
    this.#script.shift();
    // Only once bytes have come: hung up upon earlier, the client would rightly say that it never was connected.
    socket.once('readable', () => socket.resetAndDestroy());
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const asked = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
    this.asked.push(asked);
    perform(this.#script.shift() ?? this.#answer(asked), request, response);
  }
}

function perform(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  if (reply === 'stall') return;
  if (typeof reply === 'string') {
    // Only a plain socket can be reset; a TLS one just ends.
    if ('encrypted' in request.socket) request.socket.destroy();
    else request.socket.resetAndDestroy();
    return;
  }
  if ('half' in reply) {
    response.writeHead(reply.status, { ...reply.headers, 'content-length': '1000' });
    response.write('{"data":', () => {
      if (reply.half === 'reset') request.socket.destroy();
    });
    return;
  }
  const isText = typeof reply.body === 'string' || reply.body === undefined;
  const text = isText ? ((reply.body as string | undefined) ?? '') : JSON.stringify(reply.body);
  response.writeHead(reply.status, { 'content-type': isText ? 'text/html' : 'application/json', ...reply.headers });
  response.end(text);
}
