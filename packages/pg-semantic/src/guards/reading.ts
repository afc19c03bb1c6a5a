import { stemOf } from '../text/stem.ts';
import { isStopWord } from '../text/stop-words.ts';
import { normalText, wordsIn } from '../text/words.ts';
import { type Denial, denialsOf } from './denials.ts';
import { type Entities, entitiesOf, type Haystack } from './entities.ts';
import { type Polarity, polarityOf } from './negation.ts';
import { quantitiesOf } from './numbers.ts';
import { type Order, orderOf } from './order.ts';
import { type Reversal, reversalsOf } from './prefixes.ts';
import type { Quantity } from './quantity.ts';
import { questionWordOf } from './question-word.ts';

/** All that guards and policies compare two texts by. */
export interface Reading extends Haystack, Polarity {
  readonly denials: readonly Denial[];
  readonly reversals: readonly Reversal[];
  readonly quantities: readonly Quantity[];
  readonly entities: Entities;
  readonly order: Order;
  readonly questionWord: string;
  /** stems of the words that say what it is about */
  readonly content: ReadonlySet<string>;
}

/** `log in` and `log out` are opposites, other `in` and `out` are not. */
const particleVerb = /^(?:log|sign|check|clock|opt|zoom|plug|phase|move|fade|let)(?:s|ed|ged|ing|ging)?$/;

function read(text: string): Reading {
  const plain = normalText(text);
  const lower = plain.toLowerCase();
  const plainWords = wordsIn(lower);
  const polarity = polarityOf(plainWords, lower);
  const { words } = polarity;
  const list = words.map((word, i) => (isParticle(words, i) ? `${word}!` : stemOf(word)));
  const stems = new Set(list);
  const quantities = quantitiesOf(lower, plainWords);
  return {
    ...polarity,
    text: lower,
    stems,
    denials: denialsOf(words, list, lower),
    reversals: reversalsOf(stems),
    quantities: quantities.found,
    entities: entitiesOf(plain, quantities.words),
    order: orderOf(arrow.test(lower) ? wordsIn(lower.replace(arrows, ' to ')) : words),
    questionWord: questionWordOf(words),
    content: new Set(words.filter((word) => !isStopWord(word)).map(stemOf)),
  };
}

/** `Rome -> Paris` is `Rome to Paris`. */
const arrow = /[-=]>|→/;
const arrows = /[-=]{1,3}>|→/g;

function isParticle(words: readonly string[], at: number): boolean {
  const word = words[at];
  if (word !== 'in' && word !== 'out') return false;
  return particleVerb.test(words[at - 1] ?? '') || particleVerb.test(words[at - 2] ?? '');
}

const maxKept = 2_000;
const kept = new Map<string, Reading>();
/** Of longer texts only the last are kept, so that a few documents cannot fill the memory, and a question is read once for all candidates. */
const maxKeptLength = 2_000;
const maxKeptLong = 4;
const keptLong = new Map<string, Reading>();

/** Reads a text, or recalls it: the same stored wordings come again and again. */
export function readingOf(text: string): Reading {
  if (text.length > maxKeptLength) return readingOfLong(text);
  const known = kept.get(text);
  if (known !== undefined) return known;
  const reading = read(text);
  if (kept.size >= maxKept) for (const oldest of [...kept.keys()].slice(0, maxKept / 2)) kept.delete(oldest);
  kept.set(text, reading);
  return reading;
}

function readingOfLong(text: string): Reading {
  const reading = keptLong.get(text) ?? read(text);
  // The last used is the last to go: the question outlives its candidates.
  keptLong.delete(text);
  keptLong.set(text, reading);
  if (keptLong.size > maxKeptLong) for (const oldest of [...keptLong.keys()].slice(0, 1)) keptLong.delete(oldest);
  return reading;
}
