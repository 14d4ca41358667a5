/** FNV-1a, 32 bits: the same for the same text, for ever, and even over many texts. Hides nothing. */
export function stableHash(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}
