import { stemOf } from '../text/stem.ts';
import { isStopWord } from '../text/stop-words.ts';

/** A text of which some words may be names: their capital can come of the place or the style, or they are part of a compound. */
export interface Hinted {
  readonly words: readonly string[];
  readonly maybe: ReadonlySet<string>;
}

const longest = 3;
/** What requests begin with: `Cancel order` and `Track order` name nothing. */
const verbs: ReadonlySet<string> = new Set(
  `add apply ask book buy calculate call cancel change check choose close compare compute contact convert create define delete deposit
  describe disable display download draw edit email enable end explain fetch find fix generate give help install join list locate
  look make move open order pay play print purchase read receive recommend refund register remind remove rename repair replace reserve reset
  restart return save say search see select sell send set share show sign start stop submit suggest summarize switch take teach
  tell track transfer translate turn update upgrade upload use view withdraw write`.split(/\s+/),
);

/** Equal texts but for one place, where each has words that may be names: `Paris weather`, `London weather`. */
export function differInOneName(a: Hinted, b: Hinted): boolean {
  if (a.maybe.size === 0 || b.maybe.size === 0) return false;
  const start = sharedStart(a.words, b.words);
  const end = sharedEnd(a.words, b.words, start);
  const [one, other] = [a.words.slice(start, a.words.length - end), b.words.slice(start, b.words.length - end)];
  if (![one, other].every((words) => words.length > 0 && words.length <= longest)) return false;
  if (stemmed(one) === stemmed(other)) return false;
  // Before an article or a preposition it is rather a verb that begins the sentence.
  if (start === 0 && (isStopWord(a.words[one.length] ?? '') || [one, other].some(([first = '']) => verbs.has(first))))
    return false;
  return one.every((word) => a.maybe.has(word)) && other.every((word) => b.maybe.has(word));
}

function stemmed(words: readonly string[]): string {
  return words.map(stemOf).join(' ');
}

function sharedStart(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count += 1;
  return count;
}

function sharedEnd(a: readonly string[], b: readonly string[], start: number): number {
  const most = Math.min(a.length, b.length) - start;
  let count = 0;
  while (count < most && a.at(-1 - count) === b.at(-1 - count)) count += 1;
  return count;
}
