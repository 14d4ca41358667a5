import type { z } from 'zod';
import { invalidFields, notFound, Refusal } from './errors.ts';
import type { Call } from './router.ts';

/**
 * The body, if it is what the operation takes.
 * @throws Refusal `invalid_field` that names every field at fault
 */
export function body<T>(call: Call, schema: z.ZodType<T>): T {
  if (call.body === undefined) throw new Refusal('bad_request', 'Request body is missing.');
  const parsed = schema.safeParse(call.body);
  if (parsed.success) return parsed.data;
  throw invalidFields(
    parsed.error.issues.flatMap((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      return keys.map((key) => ({
        field: [...issue.path, ...(key === undefined ? [] : [key])].join('.') || 'body',
        message: key === undefined ? issue.message : 'is not a field of this operation',
      }));
    }),
  );
}

/** The id in the path. One that cannot be an id at all is a bad request rather than an unknown entity. */
export function pathId(call: Call, name: string, prefix: string): string {
  const id = call.params[name] ?? '';
  if (!new RegExp(`^${prefix}_[a-z\\d]{26}$`).test(id)) {
    throw new Refusal('bad_request', `Invalid path parameter: ${name} must be an id prefixed with ${prefix}_.`);
  }
  return id;
}

/** The entity, if it is there and belongs to the environment of the caller's key. */
export function owned<T extends { readonly environment: string }>(
  call: Call,
  entities: ReadonlyMap<string, T>,
  id: string,
): T {
  const entity = entities.get(id);
  if (!entity || entity.environment !== call.environment) throw notFound(id);
  return entity;
}
