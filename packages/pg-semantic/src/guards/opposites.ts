import { stemOf } from '../text/stem.ts';
import { gradable, lexicon } from './lexicon.ts';
import type { Reversal } from './prefixes.ts';

const opposites = new Map<string, Set<string>>();
for (const line of gradable.trim().split('\n')) opposeSides(line, (word) => [word, ...comparedFormsOf(word)]);
for (const line of lexicon.trim().split('\n')) opposeSides(line, (word) => [word]);

function opposeSides(line: string, formsOf: (word: string) => readonly string[]): void {
  const [one = [], other = []] = line.split('/').map((side) => side.trim().split(/\s+/).flatMap(formsOf));
  for (const a of one) for (const b of other) oppose(a, b);
}

/** `bigger` and `biggest` of `big`. */
function comparedFormsOf(word: string): string[] {
  if (word.endsWith('e')) return [`${word}r`, `${word}st`];
  const base = word.replace(/y$/, 'i').replace(/(?<=[^aeiou][aeiou])([bdgnt])$/, '$1$1');
  return [`${base}er`, `${base}est`];
}

function oppose(a: string, b: string): void {
  for (const [from, to] of [
    [stemOf(a), stemOf(b)],
    [stemOf(b), stemOf(a)],
  ] as const) {
    const known = opposites.get(from) ?? new Set();
    opposites.set(from, known.add(to));
  }
}

/** The words of two texts, with what their prefixes make them the opposites of. */
interface Words {
  readonly stems: ReadonlySet<string>;
  readonly reversals: readonly Reversal[];
}

/** Whether one text has a word of which the other has the opposite instead. */
export function haveOpposites(a: Words, b: Words): boolean {
  return hasOppositeIn(a.stems, b.stems) || isReversedIn(a, b) || isReversedIn(b, a);
}

/** Texts that speak of both sides, `bigger or smaller`, say neither. */
function hasOppositeIn(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const word of a) {
    const others = opposites.get(word);
    if (others === undefined || isAnyIn(others, a)) continue;
    for (const other of others) if (b.has(other) && !isAnyIn(opposites.get(other) ?? [], b)) return true;
  }
  return false;
}

function isAnyIn(words: Iterable<string>, stems: ReadonlySet<string>): boolean {
  for (const word of words) if (stems.has(word)) return true;
  return false;
}

function isReversedIn({ stems, reversals }: Words, other: Words): boolean {
  return reversals.some(
    ([word, opposite]) => other.stems.has(opposite) && !other.stems.has(word) && !stems.has(opposite),
  );
}
