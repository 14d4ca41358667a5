import type { Ids } from '../../lambdas/domain/ports.ts';

/** Ids in order, shaped like ULIDs: `01FAKE00000000000000000001`, `…02`. */
export class FakeIds implements Ids {
  #count: number;
  /** @param count how many were given already */
  constructor(count = 0) {
    this.#count = count;
  }
  get count(): number {
    return this.#count;
  }
  next(): string {
    this.#count += 1;
    return `01FAKE${String(this.#count).padStart(20, '0')}`;
  }
}
