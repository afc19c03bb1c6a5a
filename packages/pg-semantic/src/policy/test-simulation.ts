/** A stream of questions against a policy, as an index would run it: candidates, guards, decision, label, another wording or a new answer. */

import { seeded } from '@agent-cache/testkit/random';
import { guards } from '../guards/guards.ts';
import type { Candidate, Label, Policy, PolicyModel } from '../policy.ts';
import type { Asked } from './test-streams.ts';

/** A stream with the similarity of any two of its questions. */
export interface Stream {
  readonly asked: readonly Asked[];
  readonly similarity: (a: number, b: number) => number;
}

interface Served {
  readonly at: number;
  readonly wrong: boolean;
  readonly wrongAtMost: number;
}

export interface Run {
  readonly asked: number;
  readonly served: readonly Served[];
  readonly model: PolicyModel;
  readonly labels: readonly Label[];
}

export interface RunOptions {
  /** share of comparisons of answers that come out wrong */
  readonly flipped?: number;
  readonly seed?: number;
  readonly embedder: string;
  /** The group's answer at that time: a change of it is a drift. */
  readonly answerAt?: (group: string, at: number) => string;
  readonly onStep?: (at: number, model: PolicyModel) => void;
  readonly guarded?: boolean;
}

interface Stored {
  readonly index: number;
  readonly candidate: Omit<Candidate, 'similarity'>;
  /** the answer that was given when it was stored */
  readonly truth: string;
}

const candidatesPerQuestion = 8;
const comparedPerMiss = 3;

export function streamOf(asked: readonly Asked[], vectors: readonly Float32Array[]): Stream {
  const size = asked.length;
  const rows = new Float32Array((size * (size - 1)) / 2);
  for (let a = 1; a < size; a += 1) {
    const own = vectors[a] as Float32Array;
    const start = (a * (a - 1)) / 2;
    for (let b = 0; b < a; b += 1) rows[start + b] = dot(own, vectors[b] as Float32Array);
  }
  return { asked, similarity: (a, b) => rows[(a * (a - 1)) / 2 + b] ?? 0 };
}

/** Four sums at a time: this is most of the bench's work. */
function dot(a: Float32Array, b: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i += 4) {
    s0 += (a[i] as number) * (b[i] as number);
    s1 += (a[i + 1] as number) * (b[i + 1] as number);
    s2 += (a[i + 2] as number) * (b[i + 2] as number);
    s3 += (a[i + 3] as number) * (b[i + 3] as number);
  }
  return s0 + s1 + s2 + s3;
}

export function simulate(policy: Policy, stream: Stream, options: RunOptions): Run {
  const { flipped = 0, seed = 1, embedder, answerAt = (group) => group, onStep, guarded = true } = options;
  const random = seeded(seed);
  const noise = seeded(seed + 1_000);
  const model = policy.model({ embedder, random });
  const watch = guards();
  const stored: Stored[] = [];
  const truthOf = new Map<string, string>();
  const served: Served[] = [];
  const labels: Label[] = [];
  stream.asked.forEach(({ text, group }, at) => {
    const near = nearest(stored, stream, at);
    const allowed = guarded
      ? near.filter(({ text: wording }) => watch.inspect(text, wording).veto === undefined)
      : near;
    const decision = model.decide({ text, candidates: allowed });
    const truth = answerAt(group, at);
    const isRight = (answerId: string) => truthOf.get(answerId) === truth;
    if (decision.action === 'serve' && decision.candidate !== undefined) {
      served.push({ at, wrong: !isRight(decision.candidate.answerId), wrongAtMost: decision.wrongAtMost });
    } else {
      learn();
    }
    onStep?.(at, model);

    function learn(): void {
      const compared = new Map<string, boolean>();
      const compare = (answerId: string) => {
        const known = compared.get(answerId);
        if (known !== undefined) return known;
        const verdict = isRight(answerId) !== noise() < flipped;
        compared.set(answerId, verdict);
        return verdict;
      };
      const { candidate } = decision;
      if (candidate !== undefined) {
        const { promptId, answerId, similarity } = candidate;
        const source = decision.audit ? 'audit' : 'miss';
        const label: Label = {
          promptId,
          answerId,
          similarity,
          features: decision.features,
          right: compare(answerId),
          source,
          at,
        };
        labels.push(label);
        model.observe(label);
      }
      const distinct = [...new Set([candidate, ...allowed].flatMap((one) => one?.answerId ?? []))].slice(
        0,
        comparedPerMiss,
      );
      const equal = distinct.find(compare);
      if (equal !== undefined && !policy.aliases) return;
      const answerId = equal ?? `answer ${at}`;
      if (equal === undefined) truthOf.set(answerId, truth);
      stored.push({ index: at, candidate: { promptId: `prompt ${at}`, answerId, text }, truth });
    }
  });
  return { asked: stream.asked.length, served, model, labels };
}

function nearest(stored: readonly Stored[], { similarity }: Stream, at: number): Candidate[] {
  const best: { similarity: number; stored: Stored }[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const one of stored) {
    const value = similarity(at, one.index);
    if (value <= last && best.length >= candidatesPerQuestion) continue;
    const place = best.findIndex((other) => other.similarity < value);
    best.splice(place < 0 ? best.length : place, 0, { similarity: value, stored: one });
    if (best.length > candidatesPerQuestion) best.pop();
    last = best.at(-1)?.similarity ?? last;
  }
  return best.map(({ similarity: value, stored: one }) => ({ ...one.candidate, similarity: value }));
}
