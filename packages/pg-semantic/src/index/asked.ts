import type { Question } from '@agent-cache/core-tier';
import { SemanticIndexError } from './errors.ts';
import { promptHashOf, type Space, spaceOf, wordsHashOf } from './space.ts';

/** A question as lookups and learning use it. */
export interface Asked {
  readonly text: string;
  readonly category: string;
  readonly space: Space;
  readonly promptHash: Uint8Array;
  readonly wordsHash: Uint8Array;
}

/** undefined for a question without any text */
export function askedOf(question: Question, maxTextBytes: number): Asked | undefined {
  const { text, category = '' } = question;
  if (text.trim() === '') return undefined;
  if (text.length > maxTextBytes || Buffer.byteLength(text) > maxTextBytes) {
    throw badText(`is longer than the ${maxTextBytes} bytes of "maxTextBytes"; it is not looked up and not learned`);
  }
  if (text.includes('\0') || !text.isWellFormed()) {
    throw badText('has characters that Postgres cannot store (NUL, or half of a surrogate pair)');
  }
  return {
    text,
    category,
    space: spaceOf(question),
    promptHash: promptHashOf(text),
    wordsHash: wordsHashOf(text),
  };
}

function badText(what: string): SemanticIndexError {
  return new SemanticIndexError('ERR_PG_SEMANTIC_BAD_TEXT', `a question ${what}`);
}
