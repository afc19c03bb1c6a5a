import { within } from './deadline.ts';
import type { Settings } from './settings.ts';
import type { SameAnswer } from './types.ts';
import type { Vectors } from './vectors.ts';

/** Vectors hardly see a changed sentence in a long text, so long answers are compared by their words alone. */
const longestByMeaning = 500;
const sameFrom = 0.9;
const otherBelow = 0.5;

/**
 * Whether two answers say the same, as far as that can be told without a model: equal words do; short texts with nearly the same vector
 * and no guard against it do; a guard's veto or a far vector says no; between these nobody knows.
 */
export function sameAnswerOf({ textOf = plainTextOf, guards }: Settings, vectors: Vectors): SameAnswer {
  return async (fresh, stored) => {
    const [one, two] = [textOf(fresh), textOf(stored)];
    if (one === undefined || two === undefined) return undefined;
    if (wordsOf(one) === wordsOf(two)) return true;
    if (![one, two].every(isComparable)) return undefined;
    if (guards.inspect(one, two).veto !== undefined) return false;
    const [a, b] = await within(vectors.ofAll([one, two]), 10_000, 'the embedder');
    const similarity = dot(a, b);
    if (similarity >= sameFrom) return true;
    return similarity < otherBelow ? false : undefined;
  };
}

function isComparable(text: string): boolean {
  return text.length <= longestByMeaning && text.trim() !== '';
}

/** Strings as they are, and `.text` of objects. */
function plainTextOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !('text' in value)) return undefined;
  return typeof value.text === 'string' ? value.text : undefined;
}

/** What is left when case, spaces and marks at the edges of words do not count. */
function wordsOf(text: string): string {
  const words = text.normalize('NFKC').toLowerCase().split(/\s+/u);
  return words
    .map((word) => word.replace(/^[("'“‘]+|[.,;:!?)"'”’]+$/gu, ''))
    .join(' ')
    .trim();
}

function dot(one: Float32Array | undefined, two: Float32Array | undefined): number {
  let sum = 0;
  for (let place = 0; place < (one?.length ?? 0); place += 1) sum += (one?.[place] ?? 0) * (two?.[place] ?? 0);
  return sum;
}
