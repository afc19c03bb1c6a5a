import type { Plain } from './number-words.ts';

const multiples = new Map([
  ['twice', '2'],
  ['double', '2'],
  ['doubled', '2'],
  ['thrice', '3'],
  ['triple', '3'],
  ['tripled', '3'],
]);

/** Words for parts and multiples. */
export const partWords: ReadonlySet<string> = new Set(['half', 'quarter', ...multiples.keys()]);

/** `half`, `twice`, `quarter to`: the value, and the place after it. */
export function readPart(tokens: readonly string[], at: number): Plain | undefined {
  const word = tokens[at] ?? '';
  const multiple = multiples.get(word);
  if (multiple !== undefined) return { value: multiple, end: at + 1 };
  if (word !== 'half' && word !== 'quarter') return undefined;
  const part = word === 'half' ? '1/2' : '1/4';
  const next = tokens[at + 1] ?? '';
  // Before an hour of the day.
  if (next === 'past' || next === 'to') return { value: `${part} ${next}`, end: at + 2 };
  return { value: part, end: at + (next === 'a' || next === 'an' ? 2 : 1) };
}

const roman = /^(?=[ivx]{2})(x{0,3})(ix|iv|v?i{0,3})$/;
const ones = ['', 'i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix'];

/** `viii` as 8. One letter alone is a letter. */
export function readRoman(token: string): string | undefined {
  const [, tens, rest] = roman.exec(token) ?? [];
  if (tens === undefined || rest === undefined || rest === '') return undefined;
  return String(10 * tens.length + ones.indexOf(rest));
}
