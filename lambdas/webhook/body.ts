/** The JSON in a body that was verified, whatever stands before it and whichever Unicode it is in. */

/** @returns `undefined` when it is no JSON */
export function jsonOf(rawBody: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(textOf(rawBody).replace(/^\ufeff+/, '')) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** UTF-8, which is what JSON is sent in; UTF-16 shows itself by its mark, or by the zero beside its first brace. */
function textOf(raw: Buffer): string {
  const [first, second] = raw;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return raw.toString('utf16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0))
    // A copy: the bytes are still to be counted and digested.
    return Buffer.from(raw.subarray(0, raw.length & ~1))
      .swap16()
      .toString('utf16le');
  return raw.toString('utf8');
}
