import type { Denial } from './denials.ts';
import { interjectionsIn, negationAt } from './negators.ts';

/** Words with a negating prefix that say no more than `not` and the rest. Reversals of an action (`uninstall`) are opposites instead. */
const negated: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        'un',
        'able aware available certain clear comfortable common familiar fair happy healthy important known lucky likely limited',
      ],
      [
        'un',
        'necessary paid pleasant reliable safe sure usual used verified wanted welcome successful supported authorized',
      ],
      [
        'in',
        'accurate active adequate appropriate capable compatible complete correct convenient dependent direct effective',
      ],
      ['in', 'eligible experienced formal frequent secure sensitive significant stable sufficient valid visible'],
      ['im', 'mature moral mortal partial patient perfect polite possible practical precise probable proper'],
      ['il', 'legal legible legitimate literate logical'],
      ['ir', 'rational regular relevant responsible reversible'],
      ['dis', 'agree agrees allow allowed approve approved honest like likes obey satisfied similar trust'],
    ] as const
  ).flatMap(([prefix, words]) => words.split(' ').map((word): [string, string] => [prefix + word, word])),
);

export interface Polarity {
  /** how often something is negated */
  readonly negations: number;
  /** how many of these may be left out: `can't I pay?` asks whether I can pay */
  readonly optional: number;
  /** the words, `impossible` as `not possible` */
  readonly words: readonly string[];
}

/** Which words of a text negate. Given its words, and itself in lower case. */
export function polarityOf(words: readonly string[], text: string): Polarity {
  const plain = words.some((word) => negated.has(word)) ? words.flatMap(withoutPrefix) : words;
  let negations = 0;
  for (let at = 0; at < plain.length; at += 1) negations += negationAt(plain, at);
  if (negations > 0) negations -= Math.min(interjectionsIn(text), negations);
  return { negations, optional: negations > 0 && inverted.test(text) ? 1 : 0, words: plain };
}

const inverted =
  /^\W{0,3}(?:ca|could|would|should|do|does|did|is|are|was|were|has|have|wo|must)n'?t (?:i|you|we|they|he|she|it|there|this|that|the|my|your|our)\b/;

/** Whether a word is read as `not` and another. */
export function isNegated(word: string): boolean {
  return negated.has(word);
}

function withoutPrefix(word: string): string[] {
  const base = negated.get(word);
  return base === undefined ? [word] : ['not', base];
}

/** What a text negates, and its words. */
interface Negating extends Polarity {
  readonly denials: readonly Denial[];
  readonly stems: ReadonlySet<string>;
}

/** One says yes and the other no, as far as counting tells: an odd number of negations apart, or some against none. */
export function differInNegation(a: Negating, b: Negating): boolean {
  const [one, other] = [countsOf(a, b), countsOf(b, a)];
  return !one.some((n) => other.some((m) => n % 2 === m % 2 && n > 0 === m > 0));
}

/** How often a text denies what the other says: `forget` is `not remember` only to who speaks of remembering. */
function countsOf(a: Negating, b: Negating): number[] {
  const denied = a.denials.filter(
    ({ bases, words }) => bases.some((base) => b.stems.has(base)) && !words.some((word) => b.stems.has(word)),
  ).length;
  const count = a.negations + denied;
  return a.optional > 0 ? [count, count - 1] : [count];
}
