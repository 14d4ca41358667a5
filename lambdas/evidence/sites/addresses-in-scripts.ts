/** Where addresses stand in scripts. */

/** Calls whose first text is an address that is fetched; `open` has the method before it. */
export const FETCHES =
  /^(?:fetch|\$?[a-z]*[fF]etch(?:er|JSON|Json)?|use(?:Lazy)?Fetch|useSWR|useQuery|get|getJSON|getScript|getText|ajax|axios|ky|got|superagent|request|load|loadScript|loadJS|loadJson|json|text|http|httpGet|EventSource|Request|open|sendBeacon)$/;
/** Addresses by their look, wherever they stand: what a page that sells gets its settings from. */
export const TELLING =
  /^\/(?!\/).{0,200}(?:config|setting|\benv\b|env\.|token|paddle|checkout|billing|payment|pricing|purchase|\bbuy\b|bootstrap|runtime)/i;
