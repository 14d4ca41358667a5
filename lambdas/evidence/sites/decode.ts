/** What a text says once the ways in which tools write a character are undone. Linear, and blind to structure. */

/**
 * `\x74` `\u0074` `\u{74}` `\164` (any number of backslashes: code in a string in a string), line continuations,
 * `&#x74;` `&#116;` `&lowbar;` `&amp;`, `%74`.
 */
const ESCAPES =
  /\\+(?:u\{0*([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([0-3]?[0-7]{1,2})|\r?\n)|&#x0*([0-9a-f]{1,6});?|&#0*(\d{1,7});?|&(lowbar|underbar|amp);|%([0-9a-f]{2})/gi;

const NAMED: Record<string, string> = { lowbar: '_', underbar: '_', amp: '&' };

function decodeOnce(text: string): string {
  return text.replace(ESCAPES, (_all, brace, unicode, hex, octal, entityHex, entity, name, percent) => {
    if (name) return NAMED[name.toLowerCase()] ?? '';
    const sixteen = brace ?? unicode ?? hex ?? entityHex ?? percent;
    const code = sixteen ? Number.parseInt(sixteen, 16) : octal ? Number.parseInt(octal, 8) : Number(entity ?? 0);
    // Tokens are ASCII; anything else only has to stay something that is not part of a token.
    return code > 0 && code < 128 ? String.fromCharCode(code) : ' ';
  });
}

/** Twice, for what was encoded twice (`%2574`, `&amp;#x74;`). */
export function decodeText(text: string): string {
  if (!/[\\&%]/.test(text)) return text;
  return decodeOnce(decodeOnce(text));
}

/**
 * What is left when everything that may stand between two pieces of a string is gone: quotes, `+`, commas, brackets,
 * white space, `.concat(`. `"test_"+"7d2"`, `["te","st_7d2"].join("")` and `test_${"7d2"}` all read `test_7d2`.
 */
export function squeeze(text: string): string {
  return text.replace(/\.concat\(/g, '').replace(/[^A-Za-z0-9_]+/g, '');
}
