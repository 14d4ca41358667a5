/** Floors, as sources for a process of their own: a call of AWS by nothing but Node, given `[service, target, version, body]`. */

/** Unsigned. */
export const raw = (module: 'http' | 'https'): string => `
  const http = require('node:${module}');
  const agent = new http.Agent({ keepAlive: true });
  const send = (headers, body) => new Promise((resolve, reject) => {
    const request = http.request(process.env.AWS_ENDPOINT_URL, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', resolve);
    });
    request.once('error', reject);
    request.end(body);
  });
  const call = ([, target, version, body]) =>
    send({ 'x-amz-target': target, 'content-type': 'application/x-amz-json-' + version }, body);`;

/** Signature version 4, for a body and no more. */
export const SIGNED = `
  const { createHash, createHmac } = require('node:crypto');
  const hash = (text) => createHash('sha256').update(text).digest('hex');
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
  const signed = ([service, target, version, body]) => {
    const { AWS_REGION: region, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_ENDPOINT_URL: url } = process.env;
    const at = new Date().toISOString().replace(/[-:]|\\.\\d+/g, '');
    const headers = { 'content-type': 'application/x-amz-json-' + version, host: new URL(url).host, 'x-amz-date': at, 'x-amz-target': target };
    const names = Object.keys(headers).join(';');
    const lines = Object.entries(headers).map(([name, value]) => name + ':' + value + '\\n').join('');
    const scope = [at.slice(0, 8), region, service, 'aws4_request'].join('/');
    const text = ['AWS4-HMAC-SHA256', at, scope, hash(['POST', '/', '', lines, names, hash(body)].join('\\n'))].join('\\n');
    const key = scope.split('/').reduce(hmac, 'AWS4' + secret);
    const authorization = 'AWS4-HMAC-SHA256 Credential=' + id + '/' + scope + ', SignedHeaders=' + names + ', Signature=' + hmac(key, text).toString('hex');
    return send({ ...headers, authorization }, body);
  };`;
