/** Reads the settings of a function once, while it starts. A missing setting stops the function: it never gets a default. */

import { ENV } from '../contract.ts';
import { SettingsError } from '../domain/errors.ts';

export type Setting = keyof typeof ENV;

/**
 * @param source where the values are, `process.env` at the handlers
 * @param settings the ones that this function needs, by their name in `ENV`
 * @returns every asked setting, trimmed, frozen; never an empty text
 * @throws SettingsError naming every setting that is absent, empty or blank
 */
export function readEnv<const S extends readonly Setting[]>(
  source: Readonly<Record<string, string | undefined>>,
  settings: S,
): Readonly<Record<S[number], string>> {
  const values = settings.map((setting) => [setting, source[ENV[setting]]?.trim() ?? ''] as const);
  const faults = values.filter(([, value]) => value === '').map(([setting]) => `${ENV[setting]} is missing`);
  if (faults.length > 0) throw new SettingsError(faults);
  return Object.freeze(Object.fromEntries(values)) as Readonly<Record<S[number], string>>;
}

/** From how many addresses all functions together call Paddle: one, unless the configuration says otherwise. */
export function paddleAddresses(source: Readonly<Record<string, string | undefined>>): number {
  const text = source[ENV.paddleAddresses]?.trim() || '1';
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new SettingsError([`${ENV.paddleAddresses} is no number of addresses`]);
  return Number(text);
}
