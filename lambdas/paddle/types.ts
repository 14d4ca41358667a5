/**
 * What we read of Paddle's answers (API version 1). New fields and new enum values are non-breaking changes for
 * Paddle, so unknown fields are left out and a status is first read as text: what an unknown status means is decided
 * in `client.ts`, where it is known what it would be used for.
 */
import * as z from 'zod/mini';
import { utcInstant } from '../domain/paddle-instant.ts';

/** `^ctkn_[a-z\d]{26}$`; the part after the prefix sorts in the order of creation. */
export const TOKEN_ID = /^ctkn_[a-z\d]{26}$/;

/** Paddle writes three fractional digits in some answers and six in others; we keep three, so that instants sort as text. */
const instant = z.pipe(
  z.string().check(z.refine((text) => utcInstant(text) !== undefined, 'not an instant')),
  z.transform((text) => new Date(utcInstant(text) ?? '').toISOString()),
);

/** A client-side token entity. `token` is the full value in every answer. */
export const clientTokenSchema = z.object({
  id: z.string(),
  token: z.string(),
  name: z.string(),
  /** `active` or `revoked` today. */
  status: z.string(),
  created_at: instant,
  revoked_at: z.optional(z.nullable(instant)),
});
export type ClientToken = z.infer<typeof clientTokenSchema>;

/** `next` is absolute, and there even when `has_more` is false. */
export const paginationSchema = z.object({
  next: z.optional(z.nullable(z.string())),
  has_more: z.boolean(),
});

const metaSchema = z.object({ request_id: z.optional(z.string()) });

/** `meta` is missing in some documented answers, so it is never required. */
export const metaOnlySchema = z.object({ meta: z.optional(metaSchema) });

/** Of a list the pagination is required: without it nobody could tell a whole list from its beginning. */
export const pageSchema = <T extends z.ZodMiniType>(entity: T) =>
  z.object({ data: z.array(entity), meta: z.object({ pagination: paginationSchema }) });

export const entitySchema = <T extends z.ZodMiniType>(entity: T) =>
  z.object({ data: entity, meta: z.optional(metaSchema) });

/** Paddle's envelope of a refusal. Only `error.code` is relied on; it is what tells Paddle's word from a proxy's page. */
export const refusalSchema = z.object({
  error: z.object({
    code: z.string().check(z.regex(/^[a-z0-9_]{1,100}$/)),
    detail: z.optional(z.nullable(z.string())),
    errors: z.optional(
      z.nullable(
        z.array(z.object({ field: z.optional(z.nullable(z.string())), message: z.optional(z.nullable(z.string())) })),
      ),
    ),
  }),
});
export type Refusal = z.infer<typeof refusalSchema>;
