/** As much of AWS as a first call needs, over TLS: every answer is at hand, so that what is measured is the caller. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { ENV } from '../../lambdas/contract.ts';
import { certificateFor } from '../../test/fakes/certificate.ts';

export const SECRET = 'pdl_ntfset_bench';

/** @param folder where its authority is written for whoever calls it */
export async function startServer(folder: string) {
  const { key, cert } = certificateFor('localhost');
  const authority = path.join(folder, 'authority.pem');
  writeFileSync(authority, cert);
  /** Answers a secret to whoever asks for one, and takes every put but the warming one, whose condition never holds. */
  const server = createServer({ key, cert }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const refused = Buffer.concat(chunks).includes('"WARM"');
    const answer = String(request.headers['x-amz-target']).endsWith('GetSecretValue')
      ? { Name: 'secret', SecretString: SECRET }
      : refused
        ? { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException' }
        : {};
    response
      .writeHead(refused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify(answer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const env = {
    ...Object.fromEntries(Object.values(ENV).map((name) => [name, `${url}/nothing`])),
    [ENV.auditTable]: 'audit',
    [ENV.paddleAddresses]: '1',
    [ENV.webhookSecrets]: '{"sandbox":{"secret":"secret"}}',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
    AWS_ENDPOINT_URL: url,
    NODE_EXTRA_CA_CERTS: authority,
    AWS_CA_BUNDLE: authority,
    PATH: process.env.PATH,
    HOME: folder,
  };
  return {
    env,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
