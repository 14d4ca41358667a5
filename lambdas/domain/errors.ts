/**
 * One class per decision that a caller can take. Every effect (Paddle, SSM, Secrets Manager) ends in a value or in one
 * of these; anything else that is thrown is a defect and kills the run, which the next reconcile heals.
 */
export abstract class EffectError extends Error {
  /** Stable, machine-readable: Paddle's `error.code`, an AWS exception name, or one of ours. */
  readonly code: string;
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** It certainly did not happen. Trying again later may help. */
export class TransientError extends EffectError {
  override readonly name = 'TransientError';
}

/** It may or may not have happened: a timeout, a dropped connection, a 5xx. Ask before you act; never repeat blindly. */
export class AmbiguousError extends EffectError {
  override readonly name = 'AmbiguousError';
}

/** It certainly did not happen, and nothing may be sent before `retryAt` (epoch ms). Shared by all workers. */
export class ThrottledError extends EffectError {
  override readonly name = 'ThrottledError';
  readonly retryAt: number;
  constructor(retryAt: number, message: string, options?: { cause?: unknown }) {
    super('too_many_requests', message, options);
    this.retryAt = retryAt;
  }
}

/** It was refused for what it is (validation, a missing permission); repeating cannot help until a person changes something. */
export class RefusedError extends EffectError {
  override readonly name = 'RefusedError';
}

/** The credentials are dead or of the wrong environment: tell a person, and back off. */
export class AlertError extends EffectError {
  override readonly name = 'AlertError';
}

/** Somebody else wrote first. Yield; their write is as good as ours. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** The deployment is broken: every fault is named in one message, so that one reconcile mends them all. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(faults: readonly string[], options?: { cause?: unknown }) {
    super(`Paddlewheel's settings are broken: ${faults.join('; ')}`, options);
  }
}
