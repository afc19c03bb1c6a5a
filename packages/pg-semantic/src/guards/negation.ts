/** Words that turn a statement round. `non` comes of `non-refundable`. */
const negators: ReadonlySet<string> = new Set(
  `not no never none nobody nothing nowhere neither nor without non except excluding avoid avoids avoiding avoided
  prevent prevents preventing prevented lack lacks lacking unless`.split(/\s+/),
);

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
  /** the words, `impossible` as `not possible` */
  readonly words: readonly string[];
}

/** Which words of a text negate. `or not` and `not only` do not. */
export function polarityOf(words: readonly string[]): Polarity {
  const plain = words.some((word) => negated.has(word)) ? words.flatMap(withoutPrefix) : words;
  const negations = plain.filter((word, i) => negators.has(word) && !isMild(word, plain[i - 1], plain[i + 1])).length;
  return { negations, words: plain };
}

function withoutPrefix(word: string): string[] {
  const base = negated.get(word);
  return base === undefined ? [word] : ['not', base];
}

function isMild(word: string, before: string | undefined, after: string | undefined): boolean {
  return word === 'not' && (before === 'or' || after === 'only' || after === 'just');
}

/** One says yes and the other no, as far as counting tells: an odd number of negations apart, or some against none. */
export function differInNegation(a: number, b: number): boolean {
  return a % 2 !== b % 2 || a > 0 !== b > 0;
}
