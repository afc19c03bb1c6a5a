import { expandContraction } from '../text/contractions.ts';
import { isStopWord } from '../text/stop-words.ts';

const capitalised = /(?<![\p{L}\p{N}'])\p{Lu}[\p{L}\p{M}\p{N}+#]*(?:'\p{L}+)*/gu;
const anyWord = /(?<![\p{L}\p{N}'])\p{L}[\p{L}\p{M}\p{N}+#]*(?:'\p{L}+)*/gu;
const sentenceStart = /(?:^|[.!?:;\n"“(])[\s"'“(]*$/u;

/** The words with a capital: those that it makes a name, and those that may have it from the place or the style. */
export interface Capitals {
  readonly names: readonly string[];
  readonly maybe: readonly string[];
}

interface Found {
  readonly word: string;
  /** it begins a sentence */
  readonly starts: boolean;
}

/** Given a text with its case; the words are in lower case, without stop words. */
export function capitalsOf(text: string): Capitals {
  const found = wordsIn(text, capitalised);
  // In the style of a title at least two words inside the sentence have a capital.
  const isStyle = found.filter(({ starts }) => !starts).length > 1 && (isShouted(text) || isTitle(text));
  const names: string[] = [];
  const maybe: string[] = [];
  for (const { word, starts } of found) {
    const lower = headOf(word);
    if (isStopWord(lower)) continue;
    if (isStyle || (starts && !isShout(word))) maybe.push(lower);
    else names.push(lower);
  }
  return { names, maybe };
}

function wordsIn(text: string, pattern: RegExp): Found[] {
  const found: Found[] = [];
  for (const { 0: word, index } of text.matchAll(pattern)) {
    if (word !== 'I') found.push({ word, starts: sentenceStart.test(text.slice(Math.max(0, index - 8), index)) });
  }
  return found;
}

/** `Ann's` is Ann, `D'Angelo` is a name. */
function headOf(word: string): string {
  return expandContraction(word.toLowerCase())[0] ?? '';
}

function isShout(word: string): boolean {
  return word.length > 1 && word === word.toUpperCase();
}

function isShouted(text: string): boolean {
  return text === text.toUpperCase() && wordsIn(text, anyWord).length > 2;
}

/** Above this share of capitals they are the style of the text and name nothing. */
const titleShare = 0.6;

/** `What Is The Weather In Paris`: inside the sentence words like `the` have a capital, too. `Is Tom Hanks married` is none. */
function isTitle(text: string): boolean {
  const inside = wordsIn(text, anyWord).filter(({ starts }) => !starts);
  if (inside.length < 2 || upperShare(inside) <= titleShare) return false;
  const small = inside.filter(({ word }) => isStopWord(headOf(word)));
  return small.length === 0 ? upperShare(inside) === 1 : upperShare(small) > 0.5;
}

function upperShare(words: readonly Found[]): number {
  return words.filter(({ word }) => /^\p{Lu}/u.test(word)).length / words.length;
}
