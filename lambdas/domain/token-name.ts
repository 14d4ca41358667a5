/** What identifies a token of ours at Paddle, for people and for the search after an ambiguous mint. Bounded by 150. */
export const tokenNameOf = (integration: string, rotationId: string): string => `${integration} · ${rotationId}`;

/** The reverse of `tokenNameOf`; `undefined` for a name that is not ours. */
export function parseTokenName(name: string): { integration: string; rotationId: string } | undefined {
  const [, integration, rotationId] = /^([a-z0-9][a-z0-9-]*) · ([0-7][0-9A-HJKMNP-TV-Z]{25})$/.exec(name) ?? [];
  return integration && rotationId ? { integration, rotationId } : undefined;
}
