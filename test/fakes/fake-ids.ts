import type { Ids } from '../../lambdas/domain/ports.ts';

/** Ids in order, shaped like ULIDs: `01FAKE00000000000000000001`, `…02`. */
export class FakeIds implements Ids {
  #count = 0;
  next(): string {
    this.#count += 1;
    return `01FAKE${String(this.#count).padStart(20, '0')}`;
  }
}
