/**
 * The namespace of entries that come by the registrar's API. Roles are made at a deploy, so an entry may use nothing beside it; and
 * each account has a folder of its own in it, so that no seller's entry can name what is another's.
 */
import * as z from 'zod';
import { HOSTS, type Namespace } from '../contract.ts';
import { type Fault, listOf, objectOf, type Raw, textOf } from './checks.ts';
import { name as nameOfAccount, text } from './words.ts';

const FOLDER = /^\/?(?:[\w.+=@-]+\/)+\*$/;
const pattern = text.regex(FOLDER, {
  error:
    'must be a folder and a wildcard after its last slash, such as paddlewheel/sellers/* ("*" alone opens everything)',
  abort: true,
});
/** Of Secrets Manager. */
export const credentialsPattern = pattern.refine((value) => !value.startsWith('/'), {
  error: 'must not begin with a slash: API keys and webhook secrets of the namespace are kept in Secrets Manager',
});
/** With a slash before it: parameters; without: secrets. */
export const targetsPattern = pattern.refine((value) => !/^\/(?:aws|ssm)/i.test(value), {
  error: 'must not begin with "aws" or "ssm": AWS keeps those names for itself',
});
export const targetsPatterns = z
  .array(targetsPattern)
  .min(1, 'must name at least one folder')
  .max(5, 'must name at most 5 folders');

/** Where the account keeps what is its own. */
export const folderOf = ({ credentials }: Namespace, account: string): string => `${credentials}${account}/`;
export const apiKeyPlace = (namespace: Namespace, account: string): string => `${folderOf(namespace, account)}api-key`;
/** By convention, so that no role may write any other credential. */
export const webhookSecretPlace = (namespace: Namespace, account: string): string =>
  `${folderOf(namespace, account)}webhook-secret`;

/** What an entry of the API may not say. Reads the raw input, as far as it has the right shape. */
export const namespaceFaults = (
  accounts: readonly Raw[],
  integrations: readonly Raw[],
  namespace: Namespace,
): readonly Fault[] => [
  ...accounts.flatMap((account, index) => at(['accounts', index], accountFaults(account, namespace))),
  ...integrations.flatMap((entry, index) => at(['integrations', index], integrationFaults(entry, namespace))),
];

const at = (path: Fault['path'], faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => ({ path: [...path, ...fault.path], message: fault.message }));

const KEYS = 'a role is allowed a key at a deploy only; leave it out, and AWS encrypts with the default key';
const DEPLOY = 'needs a deploy: put this integration into the configuration file, or leave the setting out';

/** AWS takes a name as it is written; no other reader of it shall go up a level. */
const liesBelow = (folder: string, name: string | undefined): boolean =>
  name?.startsWith(folder) === true &&
  name
    .slice(folder.length)
    .split('/')
    .every((part) => !/^\.{0,2}$/.test(part));

function accountFaults(account: Raw, namespace: Namespace): Fault[] {
  const name = nameOfAccount.safeParse(account.name).data;
  const { apiKey, webhookSecret, seen } = account;
  const faults: Fault[] = [];
  if (apiKey !== undefined && name !== undefined) {
    const { secret, ssmParameter, kmsKey } = objectOf(apiKey);
    const own = folderOf(namespace, name);
    const inside = liesBelow(own, textOf(secret)) && secret !== webhookSecretPlace(namespace, name);
    if (ssmParameter !== undefined || (secret !== undefined && !inside))
      faults.push({ path: ['apiKey'], message: `must be a secret below ${own}, and not its webhook secret` });
    if (kmsKey !== undefined) faults.push({ path: ['apiKey', 'kmsKey'], message: KEYS });
  }
  if (webhookSecret !== undefined) {
    const place = name === undefined ? 'a place of its own' : webhookSecretPlace(namespace, name);
    faults.push({ path: ['webhookSecret'], message: `is always ${place} here: leave it out` });
  }
  if (seen !== undefined && seen !== false)
    faults.push({ path: ['seen'], message: 'needs a deploy: beacons have an API of their own' });
  const apiUrl = textOf(account.apiUrl)?.replace(/\/+$/, '');
  const known = [...Object.values(HOSTS), ...namespace.apiUrls, namespace.standIn];
  // An address is where API keys are sent to.
  if (apiUrl !== undefined && !known.includes(apiUrl))
    faults.push({ path: ['apiUrl'], message: "is neither Paddle's nor that of an account in the configuration file" });
  return faults;
}

function integrationFaults(entry: Raw, namespace: Namespace): Fault[] {
  const faults: Fault[] = [];
  if (listOf(entry.deployHooks).length > 0) faults.push({ path: ['deployHooks'], message: DEPLOY });
  for (const [index, consumer] of listOf(entry.consumers).entries())
    if (objectOf(consumer).role !== undefined) faults.push({ path: ['consumers', index, 'role'], message: DEPLOY });
  const sites = listOf(entry.sites);
  if (sites.length > 0 && !namespace.sites)
    faults.push({
      path: ['sites'],
      message: 'needs the browser, which is deployed when an integration of the configuration file has sites',
    });
  for (const [index, site] of sites.entries())
    if (objectOf(site).headers !== undefined)
      faults.push({ path: ['sites', index, 'headers'], message: `holds a credential, and ${DEPLOY}` });
  // What can be no account is a fault already.
  const account = nameOfAccount.safeParse(entry.account).data;
  for (const setting of ['publishTo', 'formerTargets'])
    for (const [index, raw] of listOf(entry[setting]).entries()) {
      const { ssmParameter, secret, kmsKey } = objectOf(raw);
      const name = textOf(ssmParameter ?? secret);
      const folders = foldersFor(namespace, account, ssmParameter !== undefined);
      if (name !== undefined && account !== undefined && !folders.some((folder) => liesBelow(folder, name)))
        faults.push({
          path: [setting, index],
          message: `must lie below ${folders.join(' or ') || noFolder(ssmParameter)}`,
        });
      if (kmsKey !== undefined) faults.push({ path: [setting, index, 'kmsKey'], message: KEYS });
    }
  return faults;
}

const foldersFor = ({ targets }: Namespace, account: string | undefined, ofParameters: boolean): readonly string[] =>
  targets.filter((folder) => folder.startsWith('/') === ofParameters).map((folder) => `${folder}${account}/`);

const noFolder = (ssmParameter: unknown): string =>
  `a folder that is open, and platform.targets opens none of ${ssmParameter === undefined ? 'secrets' : 'parameters'}`;
