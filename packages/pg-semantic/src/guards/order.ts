import { stemOf } from '../text/stem.ts';
import { isStopWord } from '../text/stop-words.ts';
import { personsOf } from './persons.ts';

const prepositions: ReadonlySet<string> = new Set(
  'from to into onto than before after over under by for with without against of in on at through via towards toward until about'.split(
    ' ',
  ),
);
const articles: ReadonlySet<string> = new Set(
  'a an the my your his her its our their this that these those some any one'.split(' '),
);
const joining: ReadonlySet<string> = new Set(['and', 'or', 'vs', 'versus', 'nor']);
const beForms: ReadonlySet<string> = new Set('is are was were be been being get got gets'.split(' '));
const relative: ReadonlySet<string> = new Set(['which', 'who', 'that']);
/** Of a pasted document only so many words are read: further on order says nothing. */
const maxWords = 400;

/** The content words of a text in their order, each with the preposition before it. */
export interface Order {
  readonly bare: readonly string[];
  /** preposition and word */
  readonly governed: readonly (readonly [preposition: string, word: string])[];
  /** who does it in `is done by …`: the passive voice puts it last; empty when that is asked */
  readonly agent?: string | undefined;
  /** all of them, sorted: equal for texts of the same words */
  readonly bag: string;
  /** a word after a preposition, and the word right behind it: `metal bars` of `under metal bars` */
  readonly compounds: readonly string[];
  /** `12`: who acts on whom in `can I pay you` */
  readonly persons: string;
  /** how many content words are before each negation; undefined where its place is free, as in `why isn't it …` */
  readonly negated?: readonly number[] | undefined;
  /** the word it begins with, and whether `do` puts the object before the subject: `who did Ann see` */
  readonly first: string;
  readonly hasDo: boolean;
  /** with its relative clauses as they stand, where it has any: `a pepper which is big` is else read as `a big pepper` */
  readonly plain?: Order;
}

export function orderOf(all: readonly string[]): Order {
  const words = all.length > maxWords ? all.slice(0, maxWords) : all;
  const order = read(words, true);
  return words.some((_, at) => isRelative(words, at)) ? { ...order, plain: read(words, false) } : order;
}

function read(words: readonly string[], describes: boolean): Order {
  const parts = new Parts();
  const hasLetters = words.includes('a') && words.some((word) => otherLetters.has(word));
  for (let at = 0; at < words.length; at += 1) {
    if (describes && isRelative(words, at)) parts.describe();
    else if (hasLetters && isLetter(words, at)) parts.place('a');
    else readWord(parts, words, at);
  }
  const { bare, governed, floating } = parts;
  const bag = [...bare, ...floating, ...governed.map(([, word]) => word)].sort();
  return {
    bare,
    governed,
    agent: words.some((word) => beForms.has(word)) ? agentOf(words, governed) : undefined,
    bag: bag.join(' '),
    compounds: parts.compounds,
    persons: personsOf(words),
    negated: parts.negated,
    first: words[0] ?? '',
    hasDo: words.some((word) => word === 'do' || word === 'does' || word === 'did'),
  };
}

function isRelative(words: readonly string[], at: number): boolean {
  return at > 0 && relative.has(words[at] ?? '') && beForms.has(words[at + 1] ?? '');
}

function agentOf(words: readonly string[], governed: Order['governed']): string | undefined {
  const by = words.indexOf('by');
  return /^who[m]?$/.test(words[by + 1] ?? '') && by >= 0
    ? ''
    : governed.find(([preposition]) => preposition === 'by')?.[1];
}

function readWord(parts: Parts, words: readonly string[], at: number): void {
  const word = words[at] ?? '';
  if (joining.has(word)) parts.join();
  else if (prepositions.has(word)) parts.govern(word);
  else if (word === 'not') parts.negate(isFree(words, at));
  else if (floats(words, at)) parts.float(stemOf(word));
  else if (articles.has(word)) return;
  else if (isStopWord(word)) parts.pass();
  else parts.place(stemOf(word));
}

const otherLetters: ReadonlySet<string> = new Set('bcdefghxyz');

/** Where there are other letters: `divide a by b`, where `a` is no article. */
function isLetter(words: readonly string[], at: number): boolean {
  if (words[at] !== 'a') return false;
  const next = words[at + 1];
  if (next === undefined || next === 'instead') return true;
  return [prepositions, articles, joining, beForms].some((set) => set.has(next));
}

/** Adverbs, days, hours, and particles of verbs stand where they like. */
function floats(words: readonly string[], at: number): boolean {
  const word = words[at] ?? '';
  if (word.length > 4 && word.endsWith('ly')) return true;
  return floating.has(word) || (/^\d/.test(word) && /^[ap]m$/.test(words[at + 1] ?? ''));
}

const floating: ReadonlySet<string> = new Set(
  'today tomorrow tonight yesterday am pm off up down out back away'.split(' '),
);

/** `why is not it open`, as `why isn't it open` is read, may be `why is it not open`. */
function isFree(words: readonly string[], at: number): boolean {
  if (at === 1) return subjects.test(words[2] ?? '');
  return questionWords.test(words[at - 2] ?? '');
}

const subjects = /^(?:i|you|he|she|it|we|they|there|the|my|your|his|her|our|their|this|that)$/;
const questionWords = /^(?:who|what|which|when|where|why|how)$/;

/** Takes words in their order and puts them where they belong. */
class Parts {
  readonly bare: string[] = [];
  readonly governed: [string, string][] = [];
  readonly floating: string[] = [];
  readonly compounds: string[] = [];
  negated: number[] | undefined = [];
  #preposition: string | undefined;
  #joins = false;
  /** the word just before was placed, and where */
  #last: 'bare' | 'governed' | undefined;
  /** what `which is` follows, until an adjective comes, and again after `and` */
  #noun: 'bare' | 'governed' | undefined;
  #described: 'bare' | 'governed' | undefined;

  /** `cats and dogs` is `dogs and cats`, where the word just before was a cat. */
  join(): void {
    this.#noun = this.#described;
    this.#joins = this.#noun === undefined && this.#last === 'bare';
  }

  govern(preposition: string): void {
    this.pass();
    this.#preposition = preposition;
  }

  /** `a pepper which is big` is `a big pepper`. */
  describe(): void {
    const noun = this.#last;
    this.pass();
    this.#noun = noun;
  }

  negate(isFree: boolean): void {
    if (isFree) this.negated = undefined;
    else this.negated?.push(this.bare.length + this.governed.length);
    this.float('not');
  }

  float(stem: string): void {
    this.floating.push(stem);
    this.#last = undefined;
  }

  pass(): void {
    this.#preposition = undefined;
    this.#joins = false;
    this.#last = undefined;
    this.#described = undefined;
  }

  place(stem: string): void {
    const noun = this.#noun;
    if (this.#last === 'governed') this.compounds.push(`${this.governed.at(-1)?.[1] ?? ''} ${stem}`);
    this.#noun = undefined;
    this.#described = noun === undefined || this.#preposition !== undefined ? undefined : 'bare';
    if (this.#preposition !== undefined) this.governed.push([this.#preposition, stem]);
    else if (noun !== undefined) this.#placeBefore(noun, stem);
    else this.#placeBare(stem);
    this.#last = this.#preposition === undefined ? 'bare' : 'governed';
    this.#preposition = undefined;
    this.#joins = false;
  }

  #placeBefore(noun: 'bare' | 'governed', stem: string): void {
    const last = this.governed.at(-1);
    if (noun === 'bare') this.bare.splice(-1, 0, stem);
    else if (last !== undefined) {
      this.bare.push(last[1]);
      this.governed.splice(-1, 1, [last[0], stem]);
    }
  }

  #placeBare(stem: string): void {
    const before = this.bare.at(-1);
    if (this.#joins && before !== undefined && stem < before) this.bare.splice(-1, 1, stem, before);
    else this.bare.push(stem);
  }
}
