import type { EvictionPolicy } from '@agent-cache/core-tier';
import type { Shelf, Slots } from './shelf.ts';
import type { Slot } from './slot.ts';
import { SlotArray } from './slot-array.ts';

/** Up to this many entries are scored per eviction: all of a small cache, a random sample of a large one. */
const sampleSize = 32;

/** The lowest score of a sample goes first. Scores may depend on anything and change at any time, so none is remembered. */
export function scoredShelf(slots: Slots, policy: EvictionPolicy, random: () => number, now: () => number): Shelf {
  const dense = new SlotArray();
  return {
    use: (key) => {
      const slot = slots.get(key);
      if (slot === undefined) return undefined;
      slot.hits += 1;
      slot.lastUsedAt = now();
      return slot.entry;
    },
    add: (slot) => dense.add(slot),
    remove: (slot) => dense.remove(slot),
    victim: () => lowest(policy, sampleOf(dense, random)),
    clear: () => dense.clear(),
  };
}

function sampleOf(dense: SlotArray, random: () => number): readonly Slot[] {
  const all = dense.count <= sampleSize;
  const sample: Slot[] = [];
  for (let draw = 0; draw < Math.min(sampleSize, dense.count); draw += 1) {
    const slot = all ? dense.at(draw) : dense.draw(random);
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
