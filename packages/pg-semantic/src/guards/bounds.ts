import type { Bound } from './quantity.ts';

const before = new Map<string, Bound>([
  ...'over above since after exceeding beyond least'.split(' ').map((word): [string, Bound] => [word, 'above']),
  ...'under below until till before within most'.split(' ').map((word): [string, Bound] => [word, 'below']),
]);
const compared = new Map<string, Bound>([
  ...'more greater higher larger bigger older longer later'
    .split(' ')
    .map((word): [string, Bound] => [`${word} than`, 'above']),
  ...'less fewer lower smaller younger shorter earlier sooner'
    .split(' ')
    .map((word): [string, Bound] => [`${word} than`, 'below']),
  ['up to', 'below'],
]);
/** What a preposition says of lengths of time, and of days, and of nothing else. */
const ofTime = {
  time: new Map<string, Bound>([['in', 'ahead']]),
  day: new Map<string, Bound>([['by', 'below']]),
};

/** Which limit the words around a quantity make of it. */
export function boundAround(
  tokens: readonly string[],
  start: number,
  end: number,
  kind: 'time' | 'day' | undefined,
): Bound {
  if (tokens[end] === 'ago') return 'ago';
  const word = tokens[start - 1] ?? '';
  const known = before.get(word) ?? (kind && ofTime[kind].get(word));
  if (known !== undefined || (word !== 'than' && word !== 'to')) return known ?? '';
  return compared.get(`${tokens[start - 2] ?? ''} ${word}`) ?? '';
}
