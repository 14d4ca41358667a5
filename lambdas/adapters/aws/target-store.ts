/** One kind of target, by name. The rules are those of `Targets`. */
export interface TargetStore {
  read(name: string): Promise<string | undefined>;
  write(name: string, value: string, idempotencyKey: string): Promise<void>;
}
