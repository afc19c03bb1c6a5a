import type { EvictionPolicy } from '@agent-cache/core-tier';
import { removeFrom } from './random-shelf.ts';
import type { Shelf } from './shelf.ts';
import type { Slot } from './slot.ts';

/** Up to this many entries are scored per eviction: all of a small cache, a random sample of a large one. */
const sampleSize = 32;

/** The lowest score of a sample goes first. Scores may depend on anything and change at any time, so none is remembered. */
export function scoredShelf(policy: EvictionPolicy, random: () => number): Shelf {
  const slots = new Map<string, Slot>();
  const dense: Slot[] = [];
  const find = (key: string): Slot | undefined => slots.get(key);
  return {
    get size() {
      return dense.length;
    },
    peek: find,
    use: find,
    add: (slot) => {
      slots.set(slot.key, slot);
      slot.index = dense.length;
      dense.push(slot);
    },
    remove: (slot) => {
      slots.delete(slot.key);
      removeFrom(dense, slot);
    },
    victim: () => lowest(policy, dense.length <= sampleSize ? dense : sampleOf(dense, random)),
    clear: () => {
      slots.clear();
      dense.length = 0;
    },
  };
}

function sampleOf(dense: readonly Slot[], random: () => number): readonly Slot[] {
  const sample: Slot[] = [];
  for (let draw = 0; draw < sampleSize; draw += 1) {
    const slot = dense[Math.floor(random() * dense.length)];
    if (slot !== undefined) sample.push(slot);
  }
  return sample;
}

function lowest(policy: EvictionPolicy, sample: readonly Slot[]): Slot | undefined {
  let victim = sample[0];
  let least = Number.POSITIVE_INFINITY;
  for (const slot of sample) {
    const score = policy.score(slot.key, slot.entry, slot);
    // A score that is no number goes first: it must not make its entry immortal.
    if (score < least || Number.isNaN(score)) {
      victim = slot;
      least = Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
    }
  }
  return victim;
}
