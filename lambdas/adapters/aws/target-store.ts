import type { Target } from '../../domain/model.ts';

/** One kind of target. The rules are those of `Targets`. */
export interface TargetStore {
  read(target: Target): Promise<string | undefined>;
  write(target: Target, value: string, idempotencyKey: string): Promise<void>;
}
