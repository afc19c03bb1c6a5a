import { randomUUID } from 'node:crypto';

/** What has to be known of a hit to act on a verdict about it. In the id itself, so that no lookup writes and any process can read it. */
export interface HitFacts {
  readonly answerId: string;
  readonly promptId: string;
  /** whoever does not know tenant and scope cannot make an id that does anything */
  readonly scopeHash: Uint8Array;
  /** of the asked question */
  readonly promptHash: Uint8Array;
  readonly wordsHash: Uint8Array;
  readonly category: string;
  readonly similarity: number;
  readonly features: readonly number[];
}

const version = 'h1';

/** A new id for a hit: letters, digits, `-`, `_` and `.`. */
export function hitIdOf(facts: HitFacts): string {
  const { answerId, promptId, category, similarity, features } = facts;
  const rest = JSON.stringify([category, similarity, features.map((feature) => Number(feature.toPrecision(6)))]);
  const hashes = [facts.scopeHash, facts.promptHash, facts.wordsHash].map(base64);
  return [version, answerId, promptId, ...hashes, base64(Buffer.from(rest)), randomUUID().slice(-12)].join('.');
}

/** undefined for anything that is no hit's id */
export function hitFactsOf(hitId: string): HitFacts | undefined {
  const parts = hitId.split('.');
  const [mark, answerId = '', promptId = '', scope = '', prompt = '', words = '', rest = ''] = parts;
  if (parts.length !== 8 || mark !== version || ![answerId, promptId].every(isId)) return undefined;
  const [scopeHash, promptHash, wordsHash] = [scope, prompt, words].map(bytesOf) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  if ([scopeHash, promptHash, wordsHash].some((hash) => hash.length !== 32)) return undefined;
  const read = restOf(rest);
  return read && { answerId, promptId, scopeHash, promptHash, wordsHash, ...read };
}

function restOf(text: string): Pick<HitFacts, 'category' | 'similarity' | 'features'> | undefined {
  try {
    const [category, similarity, features] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (typeof category !== 'string' || !Number.isFinite(similarity) || !Array.isArray(features)) return undefined;
    return { category, similarity: Number(similarity), features: features.map(Number) };
  } catch {
    return undefined;
  }
}

/** a bigint of Postgres that is not negative */
function isId(text: string): boolean {
  return /^\d{1,18}$/.test(text);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
