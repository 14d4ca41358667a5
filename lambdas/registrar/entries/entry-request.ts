/** Who calls the API, by which way, and for what. */
import { type Namespace, ONLY_ALIAS, REGISTER_ALIAS } from '../../contract.ts';
import { type EntryAnswer, rejected } from './answers.ts';
import { type Listed, listEntries } from './list-entries.ts';
import { type EntryCall, type EntryPorts, isEntryRequest } from './ports.ts';
import { registerEntries } from './register-entries.ts';
import { unregisterEntries } from './unregister-entries.ts';

export interface EntryWay extends Omit<EntryCall, 'only'> {
  /** By which the function was invoked: IAM lets a caller in by an alias, and sees no payload. */
  readonly alias: string | undefined;
  /** JSON, as the deploy has it. */
  readonly namespace: string | undefined;
}

export async function handleEntryRequest(
  event: unknown,
  ports: EntryPorts,
  { alias, namespace: opened, ...call }: EntryWay,
): Promise<EntryAnswer | Listed> {
  const only = prefixOf(alias);
  if (only === undefined)
    return rejected([`the alias ${alias} is no way in: "${REGISTER_ALIAS}" is one, and "${ONLY_ALIAS}" with a prefix`]);
  if (!isEntryRequest(event))
    return rejected([`action: by the alias ${alias} it is one of register, unregister, list, get, export`]);
  if (!opened)
    return rejected([
      'no namespace is open: set platform.credentials and platform.targets in the configuration, and deploy',
    ]);
  const namespace = JSON.parse(opened) as Namespace;
  const named = { ...call, only };
  const { action } = event as { action: string };
  if (action === 'register') return registerEntries(event, namespace, ports, named);
  if (action === 'unregister') return unregisterEntries(event, ports, named);
  return listEntries(event, ports, named);
}

/** What names must begin with: anything, unless the alias is bound to a prefix. `undefined`: an alias for something else. */
function prefixOf(alias: string | undefined): string | undefined {
  if (alias === undefined || alias === REGISTER_ALIAS) return '';
  const prefix = alias.startsWith(ONLY_ALIAS) ? alias.slice(ONLY_ALIAS.length) : '';
  return prefix === '' ? undefined : prefix;
}
