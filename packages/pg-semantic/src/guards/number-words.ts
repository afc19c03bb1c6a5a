const small =
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
  eighteen nineteen`.split(/\s+/);
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ordinals = new Map(
  'first second third fourth fifth sixth seventh eighth ninth tenth'
    .split(' ')
    .map((word, i): [string, number] => [word, i + 1]),
);
const values = new Map<string, number>([
  ...small.map((word, i): [string, number] => [word, i]),
  ...tens.map((word, i): [string, number] => [word, 20 + 10 * i]),
  ['dozen', 12],
]);

/** What the words for powers of ten multiply by. */
export const scales: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['thousand', 1e3],
  ['million', 1e6],
  ['billion', 1e9],
  ['trillion', 1e12],
]);

/** Numbers in words, all but Roman ones, begin with one of these. */
export const numberWords: ReadonlySet<string> = new Set([
  ...values.keys(),
  ...ordinals.keys(),
  ...scales.keys(),
  'couple',
]);

/** A number without what is around it, and the place after it. */
export interface Plain {
  readonly value: string;
  readonly end: number;
}

/** A number in words as it is read so far. `current` is what the next scale multiplies. */
interface Sum {
  readonly total: number;
  readonly current: number;
}

/** `two hundred and five`, `twenty five`, `third`: the value, and the place after the last word of it. */
export function readNumberWords(tokens: readonly string[], at: number): Plain | undefined {
  const ordinal = readOrdinal(tokens, at);
  if (ordinal !== undefined) return { value: String(ordinal), end: at + 1 };
  if (tokens[at] === 'couple') return tokens[at + 1] === 'of' ? { value: '2', end: at + 2 } : undefined;
  // `a hundred` begins with its scale.
  let sum: Sum | undefined = scales.has(tokens[at] ?? '') ? { total: 0, current: 1 } : undefined;
  let end = at;
  for (; end < tokens.length; end += 1) {
    const next = addWord(sum, tokens[end] ?? '', tokens[end + 1] ?? '');
    if (next === undefined) break;
    sum = next;
  }
  return sum === undefined ? undefined : { value: String(sum.total + sum.current), end };
}

/** `the second`, but not `a second`. */
function readOrdinal(tokens: readonly string[], at: number): number | undefined {
  const place = ordinals.get(tokens[at] ?? '');
  const isTime = place === 2 && /^(?:a|per|each|every)$/.test(tokens[at - 1] ?? '');
  return isTime ? undefined : place;
}

function addWord(sum: Sum | undefined, word: string, next: string): Sum | undefined {
  const value = values.get(word);
  if (sum === undefined) return value === undefined ? undefined : { total: 0, current: value };
  if (value !== undefined) return fitsAfter(sum.current, value) ? { ...sum, current: sum.current + value } : undefined;
  if (word === 'and') return values.has(next) && sum.current % 100 === 0 ? sum : undefined;
  const scale = scales.get(word);
  if (scale === undefined) return undefined;
  if (scale === 100) return { ...sum, current: sum.current * 100 };
  return { total: sum.total + sum.current * scale, current: 0 };
}

/** `twenty five` is one number, `five six` are two. */
function fitsAfter(current: number, value: number): boolean {
  if (current % 100 === 0) return value < 100;
  return current % 10 === 0 && current % 100 >= 20 && value > 0 && value < 10;
}
