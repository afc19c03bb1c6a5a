import type { EntryCost } from '@agent-cache/core-tier';
import type { Shelf, Slots } from './shelf.ts';
import type { Slot } from './slot.ts';
import { SlotHeap } from './slot-heap.ts';

/**
 * Ranks by uses, with dynamic ageing (LFU-DA: Arlitt, Cherkasova, Dilley, Friedrich, Jin, "Evaluating content management techniques for
 * Web proxy caches", 2000): an entry's rank is its uses plus the rank of the last victim at its last use, so fame of long ago fades.
 */
export function lfuShelf(slots: Slots): Shelf {
  return priorityShelf(slots, () => 1);
}

/**
 * Keeps what is dear to recompute per byte: GreedyDual-Size-Frequency (Cherkasova, "Improving WWW Proxies Performance with
 * Greedy-Dual-Size-Frequency Caching Policy", HP Labs HPL-98-69R1, 1998). Rank = age + uses × cost / bytes.
 */
export function costShelf(slots: Slots): Shelf {
  return priorityShelf(slots, (slot) => picoUsdOf(slot.entry.cost) / slot.bytes);
}

/** A second of computing is valued at a tenth of a cent, and an entry that does not say what it cost at one millisecond. */
const picoUsdPerMs = 1e6;

function picoUsdOf(cost: EntryCost | undefined): number {
  const ms = Math.max(1, cost?.computeMs ?? 1);
  return Number(cost?.picoUsd ?? 0n) + ms * picoUsdPerMs;
}

function priorityShelf(slots: Slots, weightOf: (slot: Slot) => number): Shelf {
  const heap = new SlotHeap('rank', 'index');
  let age = 0;
  return {
    use: (key) => {
      const slot = slots.get(key);
      // The heap is not touched on a hit: ranks only grow, so it is enough to correct the first ones when a victim is wanted.
      if (slot === undefined) return undefined;
      slot.hits += 1;
      slot.wantedRank = age + (slot.hits + 1) * slot.weight;
      return slot.entry;
    },
    add: (slot) => {
      slot.weight = weightOf(slot);
      slot.rank = slot.wantedRank = age + slot.weight;
      heap.add(slot);
    },
    remove: (slot) => heap.remove(slot),
    victim: () => {
      let first = heap.first;
      while (first !== undefined && first.wantedRank > first.rank) {
        first.rank = first.wantedRank;
        heap.settle(first);
        first = heap.first;
      }
      if (first !== undefined) age = first.rank;
      return first;
    },
    clear: () => {
      heap.clear();
      age = 0;
    },
  };
}
