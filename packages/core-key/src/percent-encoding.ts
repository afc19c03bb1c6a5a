const PLAIN = /^[\w.~!*'()-]*$/;
const LONE_SURROGATES = /\p{Surrogate}/gu;
const ENCODED_LONE_SURROGATE = /%ED%([AB][0-9A-F])%([89AB][0-9A-F])/g;

/**
 * `encodeURIComponent` for every string there is: a lone surrogate, on which that throws, becomes the three bytes its code
 * point would have in UTF-8. Well-formed text never encodes to those, so different strings stay different.
 */
export function percentEncode(text: string): string {
  if (PLAIN.test(text)) return text;
  if (text.isWellFormed()) return encodeURIComponent(text);
  let encoded = '';
  let from = 0;
  for (const { 0: surrogate, index } of text.matchAll(LONE_SURROGATES)) {
    encoded += encodeURIComponent(text.slice(from, index)) + encodeSurrogate(surrogate.charCodeAt(0));
    from = index + 1;
  }
  return encoded + encodeURIComponent(text.slice(from));
}

/** The string that `percentEncode` turns into `encoded`, or undefined when there is none. */
export function percentDecode(encoded: string): string | undefined {
  if (!encoded.includes('%')) return PLAIN.test(encoded) ? encoded : undefined;
  try {
    const text = decodeAround(encoded);
    return percentEncode(text) === encoded ? text : undefined;
  } catch {
    return undefined;
  }
}

function decodeAround(encoded: string): string {
  let text = '';
  let from = 0;
  for (const { 0: whole, 1: second = '', 2: third = '', index } of encoded.matchAll(ENCODED_LONE_SURROGATE)) {
    const unit = 0xd000 | ((Number.parseInt(second, 16) & 0x3f) << 6) | (Number.parseInt(third, 16) & 0x3f);
    text += decodeURIComponent(encoded.slice(from, index)) + String.fromCharCode(unit);
    from = index + whole.length;
  }
  return text + decodeURIComponent(encoded.slice(from));
}

function encodeSurrogate(unit: number): string {
  return [0xed, 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]
    .map((byte) => `%${byte.toString(16).toUpperCase()}`)
    .join('');
}
