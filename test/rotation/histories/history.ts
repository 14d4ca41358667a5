/** One history: its steps in the world, with the heartbeat and the queue at work in between, and the calm at its end. */

import type { IntegrationConfig, Target } from '../../../lambdas/domain/model.ts';
import { jsonKeyOf } from '../../../lambdas/domain/targets.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lambdas/domain/time.ts';
import { isTokenText } from './chronicle.ts';
import { Queue } from './queue.ts';
import type { Reached } from './reached.ts';
import { restFaults } from './rest.ts';
import { Stage, withSettings } from './stage.ts';
import type { Beginning, Step, StepOf, What } from './steps.ts';
import { wishOf } from './wishes.ts';

export class History {
  readonly stage: Stage;
  readonly queue: Queue;
  #asked = 0;

  constructor(beginning: Beginning, reached: Reached) {
    this.stage = new Stage(beginning, reached);
    this.queue = new Queue(this.stage);
    for (const name of this.stage.names) this.stage.oracle.adopted(this.stage.config(name).adopt, name);
  }

  get faults(): readonly string[] {
    return this.stage.oracle.faults;
  }

  async begin({ rotations }: Beginning): Promise<void> {
    await this.queue.wait(MINUTE);
    for (let each = 0; each < rotations; each += 1) {
      await this.ask(0, 'rotate');
      await this.queue.wait(MINUTE);
    }
    // What nobody has deployed piles up, and then the schedule falls due.
    if (rotations > 50) this.stage.standstill(31 * DAY);
  }

  name(who: number): string {
    return this.stage.names[who % this.stage.names.length] ?? '';
  }

  target(who: number, index: number): Target | undefined {
    const { targets } = this.stage.config(this.name(who));
    return targets[index % targets.length];
  }

  #wish(integration: string, what: What) {
    this.#asked += 1;
    return wishOf(this.stage, integration, what, this.#asked);
  }

  async ask(who: number, what: What): Promise<void> {
    const integration = this.name(who);
    const { command, wish } = this.#wish(integration, what);
    await this.stage.run({ integration, command, newEvidence: what === 'reconcile' }, wish);
  }

  async take(step: Step): Promise<void> {
    await this.#act(step);
    await this.queue.deliverDue();
    this.stage.oracle.check();
  }

  async #act(step: Step): Promise<void> {
    const { stage } = this;
    switch (step.do) {
      case 'wait':
        return this.queue.wait(step.ms);
      case 'standstill':
        return stage.standstill(step.ms);
      case 'ask':
        return this.ask(step.who, step.wish);
      case 'race':
        return this.#race(step);
      case 'outage':
        return stage.paddle.failNext(step.method, step.when, { lateMs: 5 * MINUTE });
      case 'target outage': {
        const target = this.target(step.who, step.index);
        return target && stage.targets.failNext(step.method, target, step.when);
      }
      case 'paddle':
        stage.paddle.down = step.down;
        return;
      case 'lag':
        stage.paddle.listLagMs = step.ms;
        return;
      case 'slow':
        stage.surroundings.factor = step.factor;
        return;
      case 'revoked outside':
        return this.#revokeOutside(step);
      case 'webhooks':
        return this.queue.deliverWebhooks(step.picks);
      case 'deploy':
        return this.#deploy(step);
      case 'report':
        return this.#report(step);
      case 'page down':
        return this.#pageDown(step);
      case 'overwrite':
        return this.#overwrite(step);
      case 'killed':
        return this.#killed(step);
      case 'configure':
        return this.#configure(step);
      case 'retarget':
        return this.#retarget(step);
      case 'move target':
        return this.#moveTarget(step);
      case 'paused emergency':
        return this.#pausedEmergency(step);
      case 'revoked unpublished':
        return this.#revokedUnpublished(step);
    }
  }

  async #revokeOutside({ who, current, pick, told }: StepOf<'revoked outside'>): Promise<void> {
    const known = this.stage.tokensOf(this.name(who)).filter(({ status }) => status !== 'revoked');
    const token = current ? known.find(({ status }) => status === 'current') : known[pick % Math.max(1, known.length)];
    if (!token) return;
    this.stage.outside(() => this.stage.paddle.revokeOutside(token.id));
    if (told) await this.queue.deliverWebhooks([-1]);
  }

  /** Two runs at once, each step of each in a random order, and perhaps somebody else in between. */
  async #race({ who, other, first, second, meanwhile, choices }: StepOf<'race'>): Promise<void> {
    const { stage } = this;
    const gates: (() => void)[] = [];
    const gate = () => new Promise<void>((open) => gates.push(open));
    const slow = <T extends object>(port: T): T =>
      new Proxy(port, {
        get:
          (target, key) =>
          async (...args: unknown[]) => {
            await gate();
            try {
              return await (Reflect.get(target, key) as (...all: unknown[]) => unknown).apply(target, args);
            } finally {
              await gate();
            }
          },
      });
    let running = 2;
    const errors: unknown[] = [];
    for (const [at, what] of [
      [who, first],
      [other, second],
    ] as const) {
      const integration = this.name(at);
      const { command, wish } = this.#wish(integration, what);
      stage
        .run({ integration, command }, wish, slow)
        .catch((error) => errors.push(error))
        .finally(() => {
          running -= 1;
        });
    }
    for (let turn = 0; running > 0; turn += 1) {
      if (turn > 5000) throw new Error('the runs do not end');
      const choice = choices[turn] ?? turn;
      if (choice === 9 && turn < 8) stage.clock.advance(2 * SECOND);
      if (turn === 10 && meanwhile === 'revoked')
        await this.#revokeOutside({ do: 'revoked outside', who, current: true, pick: 0, told: true });
      if (turn === 10 && meanwhile === 'site')
        this.#deploy({ do: 'deploy', who, page: 0, all: true, half: false, old: true });
      gates.splice(choice % Math.max(1, gates.length), 1)[0]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (errors.length > 0) throw errors[0];
  }

  /** The process dies at one of its effects; the heartbeat finds what it left. */
  async #killed({ who, at, when, wish, effect }: StepOf<'killed'>): Promise<void> {
    this.stage.surroundings.arm(effect === undefined ? at : at % 2, when, effect);
    await this.ask(who, wish);
    this.stage.surroundings.arm(-1, when);
  }

  #deploy({ who, page, all, half, old }: StepOf<'deploy'>): void {
    const { stage } = this;
    const name = this.name(who);
    const { sites, targets } = stage.config(name);
    const value = targets[0] && stage.targets.current(targets[0]);
    if (!value || !isTokenText(value) || sites.length === 0) return;
    stage.outside(() => {
      for (const { url } of all ? sites : sites.slice(page % sites.length).slice(0, 1)) {
        const before = [...(stage.sites.serving.get(url) ?? [])];
        // A roll-back of the site: an earlier build comes back, with a token that is superseded by now.
        const earlier = stage.tokensOf(name).find(({ status }) => status === 'superseded');
        if (!old) stage.sites.deploy(url, value, ...(half ? before : []));
        else if (earlier) stage.sites.deploy(url, earlier.value);
      }
    });
  }

  #report({ who, consumer, phase, old }: StepOf<'report'>): void {
    const { stage } = this;
    const name = this.name(who);
    const consumers = stage.config(name).consumers.map(String);
    const who2 = consumers[consumer % Math.max(1, consumers.length)] ?? 'visitor';
    const token = stage.tokensOf(name).find(({ status }) => status === (old ? 'superseded' : 'current'));
    if (!token) return;
    const at = stage.clock.iso();
    stage.outside(() => {
      const others = (stage.ledger.usages.get(name) ?? []).filter((usage) => usage.consumer !== who2);
      const before = (stage.ledger.usages.get(name) ?? []).find((usage) => usage.consumer === who2);
      const deployed = phase === 'deploy' ? { tokenId: token.id, at } : before?.deployed;
      stage.ledger.usages.set(name, [...others, { consumer: who2, tokenId: token.id, phase, at, deployed }]);
    });
    if (phase === 'deploy') this.queue.send({ integration: name, cause: 'usage', key: at });
  }

  #pageDown({ who, page, down }: StepOf<'page down'>): void {
    const { stage } = this;
    const name = this.name(who);
    const { sites } = stage.config(name);
    const url = sites[page % Math.max(1, sites.length)]?.url;
    if (url) stage.outside(() => (down ? stage.sites.down.add(url) : stage.sites.down.delete(url)));
  }

  #overwrite({ who, index, by }: StepOf<'overwrite'>): void {
    const { stage } = this;
    const name = this.name(who);
    const target = this.target(who, index);
    if (!target || !stage.chronicle.life(name).published) return;
    const superseded = stage
      .tokensOf(name)
      .filter(({ status }) => status === 'superseded')
      .at(-1);
    const text = by === 'text' ? 'overwritten by hand' : superseded?.value;
    stage.outside(() => {
      if (by === 'nothing') stage.targets.remove(target);
      else if (text)
        stage.targets.put(target, superseded && by !== 'text' && jsonKeyOf(target) ? withSettings(text) : text);
    });
  }

  #configure({ who, graceMs, managed, drift }: StepOf<'configure'>): void {
    const name = this.name(who);
    this.#deployed(name, { graceMs, managed, drift });
  }

  /** As the registrar does it: what has changed is reconciled at once. */
  #deployed(name: string, changes: Partial<IntegrationConfig>): void {
    this.stage.configure(name, changes);
    this.queue.send({ integration: name, cause: 'deploy', key: this.stage.clock.iso() });
  }

  /** A target goes from one integration to another, with what it holds. */
  #moveTarget({ who, other }: StepOf<'move target'>): void {
    const [from, to] = [this.name(who), this.name(other)];
    const { targets } = this.stage.config(from);
    const moved = targets.at(-1);
    if (from === to || !moved || targets.length < 2) return;
    this.stage.outside(() => {
      this.#deployed(from, { targets: targets.slice(0, -1) });
      this.#deployed(to, { targets: [...this.stage.config(to).targets, moved] });
    });
  }

  /** An emergency that cannot end, since Paddle revokes nothing, while everything else is paused. */
  async #pausedEmergency({ who, doubt, ms }: StepOf<'paused emergency'>): Promise<void> {
    const { paddle } = this.stage;
    if (doubt) paddle.failNext('create', 'after');
    await this.ask(who, 'rotate');
    await this.queue.wait(2 * MINUTE);
    paddle.down = 'revoke';
    await this.ask(who, 'pause');
    await this.ask(who, 'emergency');
    await this.queue.wait(ms);
    paddle.down = undefined;
  }

  /** Two tokens in a row are revoked by somebody else before they are published everywhere, and then the one that is. */
  async #revokedUnpublished({ who, ms }: StepOf<'revoked unpublished'>): Promise<void> {
    const target = this.target(who, 0);
    if (!target) return;
    for (let each = 0; each < 2; each += 1) this.stage.targets.failNext('write', target, 'before');
    await this.ask(who, 'rotate');
    for (let each = 0; each < 2; each += 1) {
      const minted = this.stage.tokensOf(this.name(who)).find(({ status }) => status === 'minted');
      if (!minted) return;
      this.stage.outside(() => this.stage.paddle.revokeOutside(minted.id));
      await this.queue.deliverWebhooks([-1]);
      await this.queue.wait(ms);
    }
    await this.#revokeOutside({ do: 'revoked outside', who, current: true, pick: 0, told: true });
    await this.queue.wait(30 * SECOND);
  }

  /** A target leaves the configuration, with what it holds, or joins it. */
  #retarget({ who, joins }: StepOf<'retarget'>): void {
    const { stage } = this;
    const name = this.name(who);
    const { targets } = stage.config(name);
    const extra: Target = { kind: 'ssm', name: `/extra/${name}` };
    // One target belongs to one integration: synth and the registrar see to that.
    const more = joins && this.#isFormer(extra) ? [...targets, extra].slice(0, 4) : targets;
    stage.outside(() => this.#deployed(name, { targets: joins || targets.length === 1 ? more : targets.slice(1) }));
  }

  /** No more faults, everybody deploys, all holds are lifted: every integration must come to rest, healthy. */
  async calm(): Promise<void> {
    const { stage } = this;
    stage.paddle.listLagMs = 0;
    stage.paddle.down = undefined;
    stage.surroundings.factor = 1;
    stage.surroundings.arm(-1, 'before');
    stage.outside(() => stage.sites.down.clear());
    for (const [who, name] of stage.names.entries()) {
      const { adopt } = stage.config(name);
      const isTaken = adopt !== undefined && ![undefined, name].includes(stage.ledger.owners.get(adopt)?.integration);
      stage.configure(name, { managed: true, drift: 'restore', ...(isTaken ? { adopt: undefined } : {}) });
      await this.ask(who, 'resume');
      this.queue.send({ integration: name, cause: 'deploy', key: `calm ${stage.clock.iso()}` });
    }
    await this.queue.wait(6 * MINUTE);
    for (const who of stage.names.keys()) await this.ask(who, 'resume');
    await this.queue.deliverEverything();
    const days = this.#daysOfRest;
    for (let day = 0; day < days; day += 1) {
      for (const [who, name] of stage.names.entries()) await this.#tidy(who, name);
      // By then all is as it stays: whoever looks every quarter of an hour sees what whoever looks every hour does.
      await (day === 0 ? this.queue.wait(3 * HOUR) : this.queue.wait(DAY, HOUR));
    }
    // A rotation may have fallen due in the last minutes; give it the time it needs.
    await this.queue.wait(3 * HOUR);
    stage.oracle.trail.finish();
    for (const name of stage.names) for (const text of restFaults(stage, name)) stage.oracle.fault(text);
  }

  /** Many tokens that wait are revoked as slowly as the account's cap allows. */
  get #daysOfRest(): number {
    const { stage } = this;
    const alive = stage.names.flatMap((name) => stage.tokensOf(name)).filter(({ status }) => status !== 'revoked');
    return 3 + Math.floor(alive.length / (12 * stage.account.maxRevocationsPerRun));
  }

  async #tidy(who: number, name: string): Promise<void> {
    const { stage } = this;
    for (const { target, text } of stage.chronicle.places.values())
      if (text !== undefined && (!isTokenText(text) || this.#isFormer(target)))
        stage.outside(() => stage.targets.remove(target));
    while (stage.tokensOf(name).some(({ manualHold, status }) => manualHold && status !== 'revoked'))
      await this.ask(who, 'release');
    this.#deploy({ do: 'deploy', who, page: 0, all: true, half: false, old: false });
    for (const consumer of [0, 1]) this.#report({ do: 'report', who, consumer, phase: 'deploy', old: false });
    if (stage.ledger.usages.get(name)?.some((usage) => usage.consumer === 'visitor'))
      this.#report({ do: 'report', who, consumer: 0, phase: 'deploy', old: false });
    await this.queue.deliverDue();
  }

  #isFormer(target: Target): boolean {
    const same = (own: Target) => own.kind === target.kind && own.name === target.name;
    return !this.stage.names.some((name) => this.stage.config(name).targets.some(same));
  }
}
