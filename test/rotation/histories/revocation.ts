/** May this token be revoked now? From what targets, pages, consumers and people have shown, not from any record. */
import { HOUR, MINUTE } from '../../../lambdas/domain/time.ts';
import type { Life, Run, TokenLife } from './chronicle.ts';
import type { Stage } from './stage.ts';

/** Clean scans of each page, since the last one that was not. */
export class ScansSeen {
  readonly #clean = new Map<string, number[]>();

  note(url: string, superseded: string, isClean: boolean, at: number): void {
    const key = `${url} ${superseded}`;
    if (!isClean) this.#clean.delete(key);
    else this.#clean.set(key, [...(this.#clean.get(key) ?? []), at]);
  }

  of(url: string, superseded: string): readonly number[] {
    return this.#clean.get(`${url} ${superseded}`) ?? [];
  }
}

/** What an orphan waits at least, in case that somebody uses it after all. */
const ORPHAN_WAITS = HOUR;

export function revocationFaults(stage: Stage, run: Run, token: TokenLife): string[] {
  const { chronicle } = stage;
  const life = chronicle.life(run.integration);
  const faults: string[] = [];
  const fault = (text: string) => faults.push(`${token.id} of ${run.integration} was revoked ${text}`);
  if (token.owner !== run.integration) fault(`and belongs to ${token.owner ?? 'nobody'}`);
  if (life.held.has(token.id)) fault('although a person holds it');
  if (life.comingBack === token.id) fault('although it is coming back by a rollback');
  if (!life.managed && chronicle.others === run.othersBefore) fault('although the integration is not managed');
  const holders = chronicle.holding(token.value);
  if (life.condemned.has(token.id)) {
    const configured = stage.config(run.integration).targets.map(({ name }) => name);
    if (holders.some(({ by, target }) => by === 'us' && configured.includes(target.name)))
      fault('in an emergency while a target still holds it');
    return faults;
  }
  if (holders.length > 0) fault(`while ${holders[0]?.target.name} holds it`);
  const tooEarly = deadlineFault(stage, life, token);
  if (tooEarly) fault(tooEarly);
  // What others did while the run was under way, it need not have seen.
  if (chronicle.others === run.othersBefore) for (const text of evidenceFaults(stage, run, token)) fault(text);
  capFault(stage, token, fault);
  return faults;
}

function deadlineFault({ clock, truth }: Stage, life: Life, token: TokenLife): string | undefined {
  const now = truth;
  const { served } = token;
  if (!served) return now < token.createdAt + ORPHAN_WAITS ? 'before its quarantine was over' : undefined;
  // A grace that starts at the deployment is the one that is configured then.
  const since = life.graces.findLastIndex(({ at }) => at <= served.at);
  const grace =
    served.graceFrom === 'deployed'
      ? Math.min(...life.graces.slice(Math.max(0, since)).map(({ ms }) => ms))
      : served.graceMs;
  const deadline = served.at + grace;
  if (now < deadline)
    return `at ${clock.iso()}, before ${new Date(deadline).toISOString()}: it was served until ${new Date(served.at).toISOString()}`;
  if (served.graceFrom !== 'deployed') return undefined;
  const deployments = life.publications
    .filter(({ tokenId }) => tokenId !== token.id)
    .flatMap(({ deployedAt }) => deployedAt ?? []);
  const first = Math.min(...deployments.map((at) => Math.max(at, served.at)));
  return now < first + grace ? 'although no successor was seen deployed for as long as its grace' : undefined;
}

/** What was current when the run judged, if it has published another one since, before the PATCH: it lives on for its grace. */
function replacedMeanwhile({ chronicle }: Stage, run: Run): TokenLife | undefined {
  const { publications } = chronicle.life(run.integration);
  const [judged, latest] = publications.slice(-2);
  const token = chronicle.tokens.get(judged?.tokenId ?? '');
  return latest && latest.at >= run.startedAt && token && !token.revoked ? token : undefined;
}

function evidenceFaults(stage: Stage, run: Run, token: TokenLife): string[] {
  const { chronicle, sites, ledger, surroundings } = stage;
  const config = stage.config(run.integration);
  const faults: string[] = [];
  const texts = new Set(config.targets.map((target) => chronicle.textAt(target)));
  const [value] = texts;
  const current = chronicle.tokenWith(value);
  if (texts.size !== 1 || !current || current.revoked) return ['although no living token is at every target instead'];
  // A token that nothing ever served is proved by that alone.
  if (!token.served) return faults;
  const judged = replacedMeanwhile(stage, run);
  const usages = ledger.usages.get(config.name) ?? [];
  for (const consumer of config.consumers.map(String)) {
    const usage = usages.find((each) => each.consumer === consumer);
    const last = usage && Math.max(Date.parse(usage.at), Date.parse(usage.deployed?.at ?? usage.at));
    if (last === undefined || last < run.startedByOurClock - config.lookBackMs)
      faults.push(`although ${consumer} is silent`);
  }
  for (const { consumer, tokenId, deployed, at } of usages) {
    const isOnly = new Set([...config.consumers, ...usages.map((each) => each.consumer)]).size === 1;
    const isRecent = Date.parse(at) >= stage.clock.now() - config.lookBackMs;
    if (!deployed && tokenId === current.id && isRecent && !(isOnly && config.sites.length > 0))
      faults.push(`although ${consumer} has only built the current token`);
    if ((deployed?.tokenId ?? tokenId) === token.id) faults.push(`although ${consumer} last reported it`);
  }
  for (const { url } of config.sites) {
    const page = sites.serving.get(url);
    if (sites.down.has(url) || !page) faults.push(`although ${url} cannot be read`);
    else if (page.has(token.value)) faults.push(`although ${url} serves it`);
    else if (!page.has(current.value) && !(judged && page.has(judged.value)))
      faults.push(`although ${url} does not serve the current token`);
    const scans = stage.oracle.scans.of(url, token.value).filter((at) => at >= (token.served?.at ?? 0));
    // The first is dated by the beginning of its step, which asked Paddle and read the targets before.
    const spread = (scans.at(-1) ?? 0) - (scans[0] ?? 0) + 200 * surroundings.factor;
    if (scans.length < config.scans.count || spread < config.scans.overMs)
      faults.push(`after only ${scans.length} scans of ${url}`);
  }
  return faults;
}

/** At most so many within an hour of the clock; what was counted in its last minutes may take effect after it. */
function capFault({ chronicle, clock, account }: Stage, token: TokenLife, fault: (text: string) => void): void {
  const now = clock.now();
  const since = Math.floor(now / HOUR) * HOUR + 10 * MINUTE;
  if (now < since || !token.served) return;
  const earlier = [...chronicle.tokens.values()].filter(
    ({ revoked, owner, id, served }) =>
      served &&
      revoked?.by === 'us' &&
      revoked.byOurClock >= since &&
      owner &&
      !chronicle.life(owner).condemned.has(id),
  );
  if (earlier.length >= account.maxRevocationsPerRun) fault('beyond the cap of the account');
}
