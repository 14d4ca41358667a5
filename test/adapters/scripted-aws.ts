import { once } from 'node:events';
import { createServer } from 'node:http';

type Answer = { status: number; body: object } | 'hang up';

/** A stand-in for one AWS endpoint on the loopback interface that gives the scripted answers in turn, the last one for ever. */
export async function scriptedAws(answers: readonly Answer[]) {
  const requests: { operation: string; body: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    requests.push({ operation, body: JSON.parse(Buffer.concat(chunks).toString()) });
    const answer = answers[Math.min(requests.length, answers.length) - 1];
    if (!answer || answer === 'hang up') return void request.socket.destroy();
    response
      .writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify(answer.body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    requests,
    settings: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const ok = (body: object = {}): Answer => ({ status: 200, body });
export const refusal = (name: string, more: object = {}, status = 400): Answer => ({
  status,
  body: { __type: `com.amazonaws#${name}`, message: name, ...more },
});
