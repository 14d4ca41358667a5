import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeLedger } from '../fakes/fake-ledger.ts';
import { FakeRevocationCap } from '../fakes/fake-revocation-cap.ts';
import { FakeSeenLedger } from '../fakes/fake-seen-ledger.ts';
import { FakeTargets } from '../fakes/fake-targets.ts';
import { FakeTrail } from '../fakes/fake-trail.ts';
import { ledgerContract } from './ledger.contract.ts';
import { revocationCapContract } from './revocation-cap.contract.ts';
import { seenContract } from './seen.contract.ts';
import { targetsContract } from './targets.contract.ts';
import { writtenRecordsContract } from './written-records.contract.ts';

describe('the fake ledger', () => {
  ledgerContract(() => {
    let losing = false;
    const ledger = new FakeLedger({
      before: () => {},
      after: (name) => {
        if (name !== 'ledger.save' || !losing) return;
        losing = false;
        throw new Error('the answer was lost');
      },
    });
    return {
      ledger,
      findDue: (now) => ledger.findDue(now),
      putAccount: async (account) => void ledger.accounts.set(account.name, account),
      putConfig: async (config) => void ledger.configs.set(config.name, config),
      putUsage: async (integration, usage) => {
        const others = (ledger.usages.get(integration) ?? []).filter(({ consumer }) => consumer !== usage.consumer);
        ledger.usages.set(integration, [...others, usage]);
      },
      records: async (integration) => ledger.records.filter((record) => record.integration === integration),
      loseNextAnswer: () => {
        losing = true;
      },
    };
  });
});

describe('the fake ledger of beacons', () => {
  seenContract(() => {
    const ledger = new FakeSeenLedger();
    return { ledger, put: async (config, state) => void ledger.put(config, state) };
  });
});

describe('the fake targets', () => {
  targetsContract(() => {
    const targets = new FakeTargets();
    return {
      targets,
      versions: async ({ kind, name }) => targets.versions.get(`${kind}:${name}`)?.length ?? 0,
      putOutside: async (target, text) => targets.put(target, text),
      content: async (target) => targets.content(target),
    };
  });
});

describe('the fake trail', () => {
  writtenRecordsContract(() => {
    const chained: string[] = [];
    const written = new FakeTrail(chained);
    const append = async ({ pk, sk }: { pk: string; sk: string }) => {
      chained.push(`${pk}|${sk}`);
      return 'chained' as const;
    };
    return { written, chain: { append }, comparisons: written.comparisons, put: async (record) => written.put(record) };
  });
});

describe('the fake revocation cap', () => {
  revocationCapContract(() => {
    const clock = new FakeClock();
    return { cap: new FakeRevocationCap(clock), clock };
  });
});
