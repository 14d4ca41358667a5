/** What ends a hold, by the reason that the evidence gave, where its message does not say it already. Each sentence is followed by when it is looked at again. */
const REMEDIES: Readonly<Record<string, string>> = {
  usage_outdated: 'Deploy that consumer with the current token and report it (npx paddlewheel deployed). ',
  usage_silent: 'Report a deployment of that consumer, or take it out of the configuration. ',
  awaiting_deployment: 'Report the deployment of the current token (npx paddlewheel deployed). ',
  seen_recently: 'Wait until nobody uses it any more, or revoke it by name if you know that this is nobody. ',
  seen_no_beacon: 'Put the beacon on the pages, or say seen: false for the integration. ',
  silence_in_progress: 'Nothing to do, if it stays silent. ',
  site_serves_superseded: 'Deploy that page with the current token. ',
  site_without_token: 'Deploy that page with the current token, so that it can be seen there. ',
  site_misconfigured: 'Correct what is wrong on that page. ',
  site_unreadable: 'Make that page reachable. ',
  site_incomplete: 'Let what went unread be read, or waive it in writing (ignore). ',
  cache_outlives_grace: 'Wait for the caches, or say in writing what is enough (acknowledgeCaching). ',
  target_differs: 'Put the current token into that target. ',
  served_again: 'Nothing to do: its grace and its scans begin anew by themselves. ',
  current_revoked: 'Nothing to do: the current token is replaced first. ',
  current_unknown: 'Nothing to do: Paddle is asked again. ',
  evidence_took_too_long: 'Find what is slow (targets, Paddle), or check fewer pages. ',
  cap_reached: 'Nothing to do: the cap on revocations lets the next ones through later. ',
  scans_in_progress: 'Nothing to do: the remaining scans come by themselves. ',
  scan_unfinished: 'Nothing to do: the scan goes on by itself. ',
};

export const remedyOf = (reason: string): string => REMEDIES[reason] ?? '';
