import type { TrailRecord } from '../../lambdas/domain/audit-chain.ts';
import type { ComparedThrough, Comparisons, RecordKey, WrittenRecords } from '../../lambdas/observe/ports.ts';

const PAGE = 100;
const idOf = ({ pk, sk }: RecordKey): string => `${pk}|${sk}`;

/** The audit trail as the hourly comparison sees it. `chained` is what the fake chain has taken, as `pk|sk`. */
export class FakeTrail implements WrittenRecords {
  readonly records = new Map<string, TrailRecord>();
  readonly chained: readonly string[];
  /** Hours and what they were asked behind: `2026-11-22T03`, `2026-11-22T03 > TOKEN#ctkn_a|…`. */
  readonly asked: string[] = [];
  through: ComparedThrough | undefined;

  constructor(chained: readonly string[]) {
    this.chained = chained;
  }

  put(...records: readonly TrailRecord[]): void {
    for (const record of records) this.records.set(idOf(record), record);
  }

  async page(hour: string, after?: RecordKey) {
    this.asked.push(after ? `${hour} > ${idOf(after)}` : hour);
    const inOrder = [...this.records.values()]
      .filter(({ writtenIn }) => writtenIn === hour)
      .sort((a, b) => (`${a.sk} ${a.pk}` < `${b.sk} ${b.pk}` ? -1 : 1));
    const start = after ? inOrder.findIndex((record) => idOf(record) === idOf(after)) + 1 : 0;
    const page = inOrder.slice(start, start + PAGE).map(({ pk, sk }) => ({ pk, sk }));
    const last = inOrder.length > start + PAGE ? page.at(-1) : undefined;
    const unchained = page.filter((key) => !this.chained.includes(idOf(key)));
    return { records: page.length, unchained, ...(last ? { next: last } : {}) };
  }

  async read(key: RecordKey) {
    return this.records.get(idOf(key));
  }

  readonly comparisons: Comparisons = {
    read: async () => this.through,
    save: async (through) => {
      this.through = through;
    },
  };
}
