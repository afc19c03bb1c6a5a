import { isDeepStrictEqual } from 'node:util';
import { readingOf } from '../guards/reading.ts';
import { within } from './deadline.ts';
import type { Settings } from './settings.ts';
import type { SameAnswer } from './types.ts';
import type { Vectors } from './vectors.ts';

/** Vectors hardly see a changed sentence in a long text, so long answers are compared by their words alone. */
const longestByMeaning = 500;
const sameFrom = 0.9;
const otherBelow = 0.5;
/** For one answer to stand for the other they have to be nearer, and of the same content words: what it says wrongly is never audited. */
const oneFrom = 0.95;
/** for a model that compares: nobody waits for it but who closes the index */
const mostMs = 30_000;

/** What these see is another answer. Names and the order of words differ between many answers that say the same: then nobody knows. */
const tellsApart: ReadonlySet<string> = new Set(['negation', 'antonyms', 'numbers']);

/** What comparing two answers told. */
export interface Agreement {
  /** undefined: cannot tell */
  readonly same: boolean | undefined;
  /** so surely that one of them can stand for the other */
  readonly isOne: boolean;
}

/**
 * Whether two answers say the same: what `sameAnswer` says, or, as far as that can be told without a model: equal words do; short texts with
 * nearly the same vector and no guard against it do; a "not", an opposite, another number or a far vector says no; between these nobody knows.
 */
export async function agreementOf(
  { sameAnswer, textOf = plainTextOf, guards }: Pick<Settings, 'sameAnswer' | 'textOf' | 'guards'>,
  vectors: Vectors,
  { fresh, stored }: { readonly fresh: unknown; readonly stored: unknown },
): Promise<Agreement> {
  if (sameAnswer !== undefined) return certain(await within(saidBy(sameAnswer, fresh, stored), mostMs, '`sameAnswer`'));
  const [one, two] = [textOf(fresh), textOf(stored)];
  if (one === undefined || two === undefined) return certain(undefined);
  const isRestSame = textOf !== plainTextOf || isDeepStrictEqual(restOf(fresh), restOf(stored));
  if (wordsOf(one) === wordsOf(two))
    return wordsOf(one) === '' ? certain(undefined) : { same: true, isOne: isRestSame };
  if (![one, two].every(isComparable)) return certain(undefined);
  const { veto } = guards.inspect(one, two);
  if (veto !== undefined) return certain(tellsApart.has(veto) ? false : undefined);
  const [a, b] = await vectors.ofAll([one, two]);
  const similarity = dot(a, b);
  if (similarity < sameFrom) return certain(similarity < otherBelow ? false : undefined);
  return { same: true, isOne: isRestSame && similarity >= oneFrom && haveSameContent(one, two) };
}

async function saidBy(sameAnswer: SameAnswer, fresh: unknown, stored: unknown): Promise<boolean | undefined> {
  return sameAnswer(fresh, stored);
}

function certain(same: boolean | undefined): Agreement {
  return { same, isOne: same === true };
}

function haveSameContent(one: string, two: string): boolean {
  const [a, b] = [readingOf(one).content, readingOf(two).content];
  return a.size === b.size && [...a].every((word) => b.has(word));
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

/** What an object says beside its text: a chart, a link. One answer stands for another only if that is the same. */
function restOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? { ...value, text: undefined } : undefined;
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
