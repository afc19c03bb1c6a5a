import type { Entry, Question } from '@agent-cache/core-tier';
import type { Embedder } from '../embedder.ts';
import type { Guards } from '../guards/guards.ts';
import type { Candidate, Decision, Label, Policy, PolicyModel } from '../policy.ts';

/** Vectors of words, so that tests can say how near two texts are: the share of words they have in common. */
export function wordEmbedder({
  id = 'words@1',
  dimensions = 64,
  peeks = false,
}: {
  id?: string;
  dimensions?: number;
  /** has every vector at hand */
  peeks?: boolean;
} = {}): Embedder & {
  readonly calls: string[][];
} {
  const calls: string[][] = [];
  return {
    id,
    dimensions,
    calls,
    embed: async (texts) => {
      calls.push([...texts]);
      return texts.map((text) => wordVector(text, dimensions));
    },
    ...(peeks && { peek: (text: string) => wordVector(text, dimensions) }),
  };
}

function wordVector(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']) {
    let hash = 7;
    for (const unit of word) hash = (Math.imul(hash, 31) + unit.charCodeAt(0)) >>> 0;
    const place = ((hash ^ (hash >>> 9)) >>> 0) % dimensions;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}

/** Serves what is similar enough, and notes what it sees. */
export function thresholdPolicy({
  atLeast = 0.8,
  judgeFrom = atLeast,
  aliases = true,
  audits = () => false,
}: {
  readonly atLeast?: number;
  readonly judgeFrom?: number;
  readonly aliases?: boolean;
  readonly audits?: () => boolean;
} = {}): Policy & { readonly labels: Label[]; readonly sights: (readonly Candidate[])[] } {
  const labels: Label[] = [];
  const sights: (readonly Candidate[])[] = [];
  const decide = (candidates: readonly Candidate[]): Decision => {
    sights.push(candidates);
    const [candidate] = candidates;
    const common = { candidate, wrongAtMost: 0.4, features: [candidate?.similarity ?? 0, 1], audit: false };
    if (candidate === undefined) return { ...common, action: 'ask', reason: 'nothing near' };
    if (candidate.similarity < judgeFrom) return { ...common, action: 'ask', reason: 'unsure' };
    if (candidate.similarity < atLeast) return { ...common, action: 'judge', reason: 'unsure' };
    if (audits()) return { ...common, action: 'ask', reason: 'audit', audit: true };
    return { ...common, action: 'serve', reason: 'near' };
  };
  const model = (): PolicyModel => ({
    decide: ({ candidates }) => decide(candidates),
    observe: (label) => void labels.push(label),
    estimate: () => ({ rate: 0, low: 0, high: 1, labels: labels.length, breaker: 'closed' }),
  });
  return { name: 'threshold', aliases, labels, sights, model };
}

/** Refuses texts of which one has a "not" that the other has not. */
export const notGuard: Pick<Guards, 'inspect'> = {
  inspect: (query, stored) => {
    const differ = /\bnot\b/.test(query) !== /\bnot\b/.test(stored);
    return differ ? { fired: ['negation'], veto: 'negation' } : { fired: [] };
  },
};

export function ask(text: string, more: Partial<Question> = {}): Question {
  return { scope: 'gpt/en', tenant: 'acme', text, ...more };
}

export function answer(value: unknown, createdAt: number, more: Partial<Entry> = {}): Entry {
  return { value, createdAt, expiresAt: createdAt + 60_000, ...more };
}
