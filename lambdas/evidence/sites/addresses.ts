/**
 * Which hosts the scan may speak to. The URLs come from a configuration, but redirects, script tags and DNS come from
 * the site: without this wall a page could point a Lambda at its own metadata endpoint or at a private network.
 */
import type { LookupAddress } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { FetchProblem } from './problem.ts';

/** Resolves a host name to every address that it has. Injected, so that tests can lie. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Answers `function(hostname, options, callback)` as `node:net` wants it. */
export type NetLookup = (
  hostname: string,
  options: { all?: boolean },
  callback: (error: Error | null, address: LookupAddress[] | string, family?: number) => void,
) => void;

/** Azure's platform address: public by number, private by nature. */
const ODD_ONES = new Set(['168.63.129.16']);
/** All global unicast IPv6; whatever lies outside (`::7f00:1`, `4000::1`) is nobody's public address. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/** Is this textual IP address one on the public internet? Anything unclear (unparsable, tunnelled, embedded) is not. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address) || address.includes('%') || ODD_ONES.has(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv4') return true;
  const v6 = parsed as ipaddr.IPv6;
  return v6.match(GLOBAL_UNICAST) && !isIsatap(v6);
}

/** ISATAP hides an IPv4 address in the last 32 bits behind the interface id `0:5efe` (or `200:5efe`). */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [, , , , high = 0, low = 0] = address.parts;
  return low === 0x5efe && (high & 0xfdff) === 0;
}

/** Names that mean "in here" whatever a resolver answers for them. */
const INSIDE = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|home\.arpa)$/;

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

export interface AddressPolicy {
  /** `host:port` or `address:port` that may be private: for local use and tests, never set by a deployment. */
  readonly allowPrivateHosts: readonly string[];
}

/**
 * Refuses a URL for what it says, before anything is resolved. `new URL` has already turned decimal, octal, hex and
 * short hosts (`http://2130706433`, `http://0x7f.1`) into the address that they mean.
 * @throws FetchProblem `refused-url` or `refused-address`
 */
export function checkUrl(url: URL, policy: AddressPolicy): void {
  const refuse = (why: string) => {
    throw new FetchProblem('refused-url', why);
  };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse(`the scheme ${url.protocol} is not fetched`);
  if (url.username || url.password) refuse('URLs with credentials are not fetched');
  if (url.hostname.endsWith('.')) refuse('host names that end in a dot are not fetched');
  const port = portOf(url);
  if (policy.allowPrivateHosts.includes(`${url.hostname}:${port}`)) return;
  if (port !== 80 && port !== 443 && port < 1024) refuse(`port ${port} is not a port of web sites`);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(literal)) checkAddress(literal, port, policy);
  else if (!url.hostname.includes('.') || INSIDE.test(url.hostname))
    refuse(`${url.hostname} is not a public host name`);
}

function checkAddress(address: string, port: number, policy: AddressPolicy): void {
  if (isPublicAddress(address) || policy.allowPrivateHosts.includes(`${address}:${port}`)) return;
  throw new FetchProblem('refused-address', `${address} is not a public address`);
}

/**
 * The `lookup` of one connection: resolves, checks every answer, and hands over exactly the checked addresses, so the
 * socket cannot go anywhere else. One bad answer among good ones refuses the host: which one is used is luck.
 */
export function guardedLookup(url: URL, lookup: Lookup, policy: AddressPolicy): NetLookup {
  const port = portOf(url);
  const resolve = async (hostname: string): Promise<LookupAddress[]> => {
    const answers = await lookup(hostname).catch((cause: unknown) => {
      throw new FetchProblem('dns', `${hostname} could not be resolved`, { cause });
    });
    if (answers.length === 0) throw new FetchProblem('dns', `${hostname} has no address`);
    if (!policy.allowPrivateHosts.includes(`${hostname}:${port}`)) {
      for (const { address } of answers) checkAddress(address, port, policy);
    }
    return answers.map(({ address, family }) => ({ address, family }));
  };
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (answers) => {
        const first = answers[0] as LookupAddress;
        return options.all ? callback(null, answers) : callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, []),
    );
  };
}
