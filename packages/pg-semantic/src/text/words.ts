import { expandContraction, mayContract } from './contractions.ts';

/** A word is letters of one script run, with inner apostrophes; a number keeps its inner points, commas, colons and slashes. */
const wordPattern = /\p{N}+(?:[.,:/-]\p{N}+)*|[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*/gu;

const notAscii = /[^\0-\x7f]/;

/** Compatibility forms, quotes and dashes made one. Keeps the case. */
export function normalText(text: string): string {
  if (!notAscii.test(text)) return text.replaceAll('`', "'");
  return text
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u02BC\u00B4`]/g, "'")
    .replace(/[\u2010-\u2015\u2212]/g, '-');
}

/** The lower-case words and numbers of a text, contractions written out. */
export function wordsOf(text: string): string[] {
  return wordsIn(normalText(text).toLowerCase());
}

/** The same of a text that is normal and in lower case already. */
export function wordsIn(text: string): string[] {
  const words: string[] = [];
  for (const word of text.match(wordPattern) ?? []) {
    if (mayContract(word)) words.push(...expandContraction(word));
    else words.push(word);
  }
  return words;
}
