/** Where addresses stand in scripts. */
import type { AnyNode } from 'acorn';
import { keyOf } from './syntax.ts';

/** Calls whose first text is an address that is fetched; `open` has the method before it. */
export const FETCHES =
  /^(?:fetch|\$?[a-z]*[fF]etch(?:er|JSON|Json)?|use(?:Lazy)?Fetch|useSWR|useQuery|get|getJSON|getScript|getText|ajax|axios|ky|got|superagent|request|load|loadScript|loadJS|loadJson|json|text|http|httpGet|EventSource|Request|open|sendBeacon)$/;
/** Addresses by their look, wherever they stand: what a page that sells gets its settings from. */
export const TELLING =
  /^\/(?!\/)(?:[\w.-]{1,60}\/){0,4}(?:api|apis|rest|rpc|trpc|graphql|functions|ajax|data|v\d)\/|^\/(?!\/).{0,200}(?:config|setting|\benv\b|env\.|token|paddle|checkout|billing|payment|pricing|purchase|\bbuy\b|bootstrap|runtime)/i;

const OPTIONS =
  /^(?:method|headers|credentials|server|lazy|query|params|baseURL|immediate|responseType|withCredentials|dedupe|retry|revalidateOnFocus|refreshInterval|staleTime|transform|cache|signal|body|mode)$/;
/** Nuxt's compiler adds it to whatever fetches, so that server and browser share the answer. */
const KEY_OF_NUXT = /^\$[\w-]{8,24}$/;

/** `ot("/prices", { server: false }, "$zoPvvHC-yx")`: minified, what fetches is known by what it is told beside the address. */
export function hasOptionsOfFetch([address, options, ...more]: readonly AnyNode[]): boolean {
  if (!address || !options) return false;
  const isKeyed = [options, ...more].some(
    (each) => each.type === 'Literal' && typeof each.value === 'string' && KEY_OF_NUXT.test(each.value),
  );
  return isKeyed || (options.type === 'ObjectExpression' && options.properties.some((each) => isOption(each)));
}

const isOption = (each: AnyNode): boolean => each.type === 'Property' && OPTIONS.test(keyOf(each) ?? '');
