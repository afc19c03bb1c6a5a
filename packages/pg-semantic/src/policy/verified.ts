import type { Label, Policy, PolicyModel, Sight } from '../policy.ts';
import { chancesOf, curveOf, type Seen } from './entry-curve.ts';
import { bounded } from './features.ts';
import { wilson } from './wilson.ts';

/** Two of them are the fixed ends that every entry begins with. */
const leastSeen = 6;
const maxSeen = 200;
const maxEntries = 50_000;
const maxLabels = 300;
const ends: readonly Seen[] = [
  { similarity: 0, right: false },
  { similarity: 1, right: true },
];

/**
 * The published rule of vCache (arXiv 2502.03771): each wording learns a curve of its own from at least four labels, and is served at
 * random so that errors stay below `maxErrorRate` of all requests. Of the hits a larger share can be wrong.
 *
 * @throws TypeError when `maxErrorRate` is no share
 */
export function verified({ maxErrorRate = 0.01 }: { readonly maxErrorRate?: number } = {}): Policy {
  if (!(maxErrorRate > 0 && maxErrorRate < 1)) {
    throw new TypeError(`verified: \`maxErrorRate\` must be a share like 0.01, not ${maxErrorRate}.`);
  }
  return {
    name: `verified ${maxErrorRate}`,
    aliases: false,
    model: ({ random }) => new VerifiedModel(maxErrorRate, random),
  };
}

class VerifiedModel implements PolicyModel {
  readonly #bound: number;
  readonly #random: () => number;
  readonly #entries = new Map<string, Seen[]>();
  readonly #hits: boolean[] = [];

  constructor(bound: number, random: () => number) {
    this.#bound = bound;
    this.#random = random;
  }

  decide({ candidates: [candidate] }: Sight): ReturnType<PolicyModel['decide']> {
    if (candidate === undefined) {
      return { action: 'ask', wrongAtMost: 1, reason: 'nothing near', audit: false, features: [] };
    }
    const about = { candidate, audit: false, features: [] };
    const seen = this.#entries.get(candidate.promptId) ?? ends;
    if (seen.length < leastSeen) return { ...about, action: 'ask', wrongAtMost: 1, reason: 'too few labels' };
    const chance = Math.max(...chancesOf(curveOf(seen), bounded(candidate.similarity, 0, 1)));
    const exploration = 1 - this.#bound / (1 - chance);
    const action = this.#random() <= exploration ? 'ask' : 'serve';
    return { ...about, action, wrongAtMost: 1 - chance, reason: action === 'serve' ? 'verified' : 'exploring' };
  }

  observe({ promptId, similarity, right, source }: Label): void {
    if (!Number.isFinite(similarity)) return;
    const seen = this.#entries.get(promptId) ?? [...ends];
    // To three decimals, as published.
    seen.push({ similarity: Math.round(bounded(similarity, 0, 1) * 1_000) / 1_000, right });
    if (seen.length > maxSeen) seen.splice(ends.length, 1);
    this.#entries.delete(promptId);
    this.#entries.set(promptId, seen);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > maxEntries && oldest !== undefined) this.#entries.delete(oldest);
    if (source === 'miss') return;
    this.#hits.push(right);
    if (this.#hits.length > maxLabels) this.#hits.shift();
  }

  estimate(): ReturnType<PolicyModel['estimate']> {
    const wrong = this.#hits.filter((right) => !right).length;
    const labels = this.#hits.length;
    return { rate: labels === 0 ? 0 : wrong / labels, ...wilson(wrong, labels), labels, breaker: 'closed' };
  }
}
