/** Faults on purpose: what happens to chosen requests between the caller and the data. */
import { z } from 'zod';

const faultRequest = z
  .strictObject({
    /** `*`: any. */
    method: z.string().min(1).max(10).default('*'),
    /** Without query; `*` stands for one segment: `/client-tokens/*`. */
    path: z.string().min(1).max(200).default('*'),
    /** Only requests whose body has this text in it. */
    contains: z.string().min(1).max(200).optional(),
    /**
     * Is the request carried out? `never`; `done`: before the answer; `late`: `delayMs` after the answer, which is how
     * a caller sees an empty list first and a twin afterwards.
     */
    commit: z.enum(['never', 'done', 'late']).default('never'),
    answer: z.enum([
      /** What it would have been; together with `delayMs`, a slow answer. */
      'normal',
      'html-502',
      'empty-500',
      'json-without-error',
      'internal-error',
      'service-unavailable',
      'temporarily-unavailable',
      /** The connection is closed without a byte. */
      'drop',
      /** Nothing is ever answered. */
      'hang',
    ]),
    delayMs: z.number().int().min(0).max(600_000).default(0),
    /** Matching requests to leave alone first. */
    skip: z.number().int().min(0).max(1_000_000).default(0),
    /** Matching requests to strike; `null`: all, until the faults are cleared. */
    times: z.number().int().min(1).max(1_000_000).nullable().default(1),
  })
  .refine((fault) => fault.answer !== 'normal' || fault.commit === 'done', {
    message: 'a normal answer needs commit "done"',
    path: ['commit'],
  });

export type FaultRequest = z.input<typeof faultRequest>;
export type Fault = z.infer<typeof faultRequest>;

interface Armed extends Fault {
  readonly pattern: RegExp;
}

export class Faults {
  #armed: Armed[] = [];

  /**
   * Faults are tried in the order in which they were added.
   * @throws z.ZodError
   */
  add(request: unknown): Fault {
    const fault = faultRequest.parse(request);
    this.#armed.push({ ...fault, pattern: pathPattern(fault.path) });
    return fault;
  }

  clear(): void {
    this.#armed = [];
  }

  list(): Fault[] {
    return this.#armed.map(({ pattern: _, ...fault }) => fault);
  }

  /** The fault that strikes this request, if one does. Uses it up. */
  take(method: string, path: string, body = ''): Fault | undefined {
    for (const fault of this.#armed) {
      if (fault.method !== '*' && fault.method.toUpperCase() !== method) continue;
      if (!fault.pattern.test(path)) continue;
      if (fault.contains !== undefined && !body.includes(fault.contains)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      if (fault.times !== null) fault.times -= 1;
      if (fault.times === 0) this.#armed = this.#armed.filter((other) => other !== fault);
      return fault;
    }
    return undefined;
  }
}

function pathPattern(path: string): RegExp {
  if (path === '*') return /^/;
  const segments = path.split('/').map((segment) => (segment === '*' ? '[^/]+' : segment.replace(/[^\w-]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}$`);
}
