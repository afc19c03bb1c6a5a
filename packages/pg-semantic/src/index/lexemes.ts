import type { Space } from './space.ts';

/** a question of more distinct words is found by its first ones */
const most = 64;

/**
 * The words of a text as the full-text index keeps them: lower case, and each marked with its space. The mark belongs into every word: a
 * separate one would make the index go through the whole space for each question.
 */
export function lexemesOf(text: string, { scopeHash }: Space): string[] {
  const mark = Buffer.from(scopeHash).toString('hex').slice(0, 16);
  return wordsOf(text).map((word) => `${mark}${word}`);
}

function wordsOf(text: string): string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]{2,40}/gu) ?? [];
  return [...new Set(words)].slice(0, most);
}

/**
 * A query for what shares the two longest words (long words are rare ones). Where both are common, the longest that is not stands in for one
 * of them; undefined when there is none.
 */
export function rareWordsQuery(
  text: string,
  space: Space,
  isCommon: (lexeme: string) => boolean = () => false,
): string | undefined {
  const lexemes = lexemesOf(text, space).sort((a, b) => b.length - a.length);
  const rare = lexemes.find((lexeme) => !isCommon(lexeme));
  const other = lexemes.find((lexeme) => lexeme !== rare);
  if (rare === undefined) return undefined;
  return other === undefined ? quoted(rare) : `${quoted(rare)} & ${quoted(other)}`;
}

/** A query for what shares any word, to rank by. */
export function anyWordQuery(text: string, space: Space): string {
  return lexemesOf(text, space).map(quoted).join(' | ');
}

/** Letters, digits and marks only, so there is no quote in it. */
function quoted(lexeme: string): string {
  return `'${lexeme}'`;
}
