import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Targets } from '../../rotation/ports.ts';
import { createSecretsManagerTarget } from './secrets-manager-target.ts';
import { createSsmTarget } from './ssm-target.ts';
import type { TargetStore } from './target-store.ts';

/**
 * Every target, by its kind. Clients come as functions, so that one that no target needs is never made.
 * @throws EffectError from both methods; see `aws-errors.ts`
 */
export function createTargets(clients: { ssm: () => SSMClient; secretsManager: () => SecretsManagerClient }): Targets {
  const store = (kind: 'ssm' | 'secret'): TargetStore =>
    kind === 'ssm' ? createSsmTarget(clients.ssm()) : createSecretsManagerTarget(clients.secretsManager());
  return {
    read: (target) => store(target.kind).read(target),
    async write(target, value, idempotencyKey) {
      // An empty value or key is a defect of the caller; publishing it would take every page down.
      if (value === '' || idempotencyKey === '') throw new RangeError('a target takes a value and a key');
      await store(target.kind).write(target, value, idempotencyKey);
    },
  };
}
