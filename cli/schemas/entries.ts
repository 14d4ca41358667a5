/** What the commands of a platform print with `--json`. */
import * as z from 'zod';
import { Instant } from './answers.ts';

const names = z.array(z.string());
const Changes = z.object({ created: names, changed: names, unregistered: names });
const Answer = z.object({
  outcome: z.enum(['registered', 'unregistered', 'rehearsed', 'incomplete', 'rejected']),
  message: z.string(),
  faults: names.optional().describe('With "rejected": nothing was changed'),
  accounts: Changes.optional(),
  integrations: Changes.optional(),
  left: z
    .array(z.object({ kind: z.enum(['account', 'integration']), name: z.string(), why: z.string() }))
    .optional()
    .describe('With "incomplete": what was not written; the same call can be made again'),
});

export const Registered = z.union([Answer, z.array(Answer)]).describe('Several answers: the file went in portions');

const Entry = z.looseObject({ name: z.string(), revision: z.int() });
export const Exported = z.union([
  z
    .object({ accounts: z.array(Entry), integrations: z.array(Entry) })
    .describe('As register takes it: the settings of a configuration file'),
  Answer,
]);

export const Failing = z
  .array(
    z.object({
      integration: z.string().optional().describe("Absent: the account's webhooks"),
      account: z.string(),
      owner: z.enum(['file', 'api']),
      step: z.string(),
      code: z.string().optional(),
      message: z.string(),
      since: Instant,
      nextAttemptAt: Instant.optional(),
    }),
  )
  .describe('With --failing');
