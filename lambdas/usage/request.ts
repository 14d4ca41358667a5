/** What a build or a deployment reports. Strict: a misspelt property would make a wrong record, and a record is evidence. */
import * as z from 'zod/mini';
import { redact } from '../domain/mask.ts';

const text = (most: number, error: string) =>
  z.string(error).check(z.trim(), z.minLength(1, error), z.maxLength(most, error));

const UsageRequest = z.strictObject(
  {
    integration: text(128, 'integration: the name of an integration, a text of 1 to 128 characters'),
    // The name is part of a key in which # divides.
    consumer: text(128, 'consumer: who uses the token, a text of 1 to 128 characters without #').check(
      z.regex(/^[^#]*$/, 'consumer: must not contain #'),
      // What CloudTrail saw is weaker evidence, and is told by its name.
      z.regex(/^(?!cloudtrail:)/i, 'consumer: must not begin with cloudtrail:'),
    ),
    build: z.optional(
      text(256, 'build: what identifies the build (a commit, a number), a text of 1 to 256 characters'),
    ),
    /** Whom the caller takes himself for; the command line asks STS. Proves nothing. */
    reportedBy: z.optional(text(200, 'reportedBy: who reports, a text of 1 to 200 characters')),
    branch: z.optional(
      text(255, 'branch: the branch that was built, a text of 1 to 255 characters').check(
        z.regex(/^[^\s\p{Cc}~^:?*[\\]+$/u, 'branch: is not the name of a branch'),
      ),
    ),
    stage: z.optional(
      text(63, 'stage: where it goes, such as production or preview, a text of 1 to 63 characters').check(
        z.regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'stage: letters, digits and . _ / -'),
      ),
    ),
    phase: z.enum(['build', 'deploy'], 'phase: "build" or "deploy"'),
    tokenId: z.optional(
      z
        .string('tokenId: the id of a token, ctkn_…')
        .check(z.regex(/^ctkn_[a-z\d]{1,64}$/, 'tokenId: the id of a token, ctkn_…')),
    ),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'the payload is a JSON object' : undefined) },
);

/** `{"integration","consumer","phase":"build"|"deploy","build"?,"branch"?,"stage"?,"tokenId"?}`, nothing else. */
export type UsageRequest = Readonly<z.infer<typeof UsageRequest>>;

/** @returns the request, or every fault of the payload, each a sentence that names the property and never shows a value */
export function parseUsageRequest(payload: unknown): { request: UsageRequest } | { faults: readonly string[] } {
  const { data, error } = UsageRequest.safeParse(payload);
  if (!error) return { request: data };
  return {
    faults: error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map(unknown) : issue.message,
    ),
  };
}

const unknown = (key: string) => `${redact(key).slice(0, 64)}: no such property`;
