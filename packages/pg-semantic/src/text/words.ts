import { expandContraction } from './contractions.ts';

/** A word is letters of one script run, with inner apostrophes; a number keeps its inner points, commas, colons and slashes. */
const wordPattern = /\p{N}+(?:[.,:/-]\p{N}+)*|[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*/gu;

/** Compatibility forms, quotes and dashes made one. Keeps the case. */
export function normalText(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u02BC\u00B4`]/g, "'")
    .replace(/[\u2010-\u2015\u2212]/g, '-');
}

/** The lower-case words and numbers of a text, contractions written out. */
export function wordsOf(text: string): string[] {
  const found = normalText(text).toLowerCase().match(wordPattern) ?? [];
  return found.flatMap((word) => expandContraction(word));
}
