import { FrequencySketch, hashOf } from './frequency-sketch.ts';
import type { Bounds, Shelf } from './shelf.ts';
import type { Slot } from './slot.ts';
import { SlotList } from './slot-list.ts';

const windowShare = 0.01;
const protectedShare = 0.8;
/** The sketch is made for at most this many keys at first and grows with what is really held. */
const mostKeysAtOnce = 16_384;
/** A candidate at least this frequent gets in by chance now and then: it may have lost to a counter that collides with a hot key. */
const luckyFrom = 6;
const luckyChance = 1 / 128;

const inWindow = 0;
const inCandidates = 1;
const inProbation = 2;
const inProtected = 3;

/**
 * W-TinyLFU (Einziger, Friedman, Manes, 2017): new entries live in a small window; when they leave it, each must be more frequent than the
 * entry it would push out of the main part. The main part is a segmented LRU: on probation until used again, then protected.
 */
export function tinylfuShelf(bounds: Bounds, random: () => number): Shelf {
  const slots = new Map<string, Slot>();
  const sketch = new FrequencySketch(Math.min(bounds.maxEntries, mostKeysAtOnce));
  const seed = Math.floor(random() * 2 ** 32);
  const lists = [new SlotList(), new SlotList(), new SlotList(), new SlotList()] as const;
  const [window, candidates, probation, shielded] = lists;
  const windowEntries = Math.max(1, Math.floor(bounds.maxEntries * windowShare));
  const windowBytes = bounds.maxBytes * windowShare;
  const overfull = (list: SlotList): boolean =>
    list.count > windowEntries || (list.bytes > windowBytes && list.count > 1);

  const listOf = (slot: Slot): SlotList => lists[slot.segment] ?? window;
  const move = (slot: Slot, segment: number): void => {
    listOf(slot).remove(slot);
    slot.segment = segment;
    listOf(slot).push(slot);
  };

  const protect = (slot: Slot): void => {
    move(slot, inProtected);
    const mostProtected = protectedShare * (slots.size - window.count);
    while (shielded.count > mostProtected && shielded.first !== undefined) move(shielded.first, inProbation);
  };

  const admits = (candidate: Slot, victim: Slot): boolean => {
    const frequency = sketch.estimate(candidate.hash);
    if (frequency > sketch.estimate(victim.hash)) return true;
    return frequency >= luckyFrom && random() < luckyChance;
  };

  return {
    get size() {
      return slots.size;
    },
    peek: (key) => slots.get(key),
    use: (key) => {
      const slot = slots.get(key);
      if (slot === undefined) return undefined;
      sketch.increment(slot.hash);
      if (slot.segment === inWindow || slot.segment === inProtected) listOf(slot).moveToEnd(slot);
      else protect(slot);
      return slot;
    },
    add: (slot) => {
      slots.set(slot.key, slot);
      sketch.grow(slots.size);
      slot.hash = hashOf(slot.key, seed);
      sketch.increment(slot.hash);
      slot.segment = inWindow;
      window.push(slot);
      while (overfull(window) && window.first !== undefined) move(window.first, inCandidates);
      // While there is room nobody asks for a victim, and candidates get in without a contest.
      while (overfull(candidates) && candidates.first !== undefined) move(candidates.first, inProbation);
    },
    remove: (slot) => {
      slots.delete(slot.key);
      listOf(slot).remove(slot);
    },
    victim: () => {
      const candidate = candidates.first;
      const victim = probation.first ?? shielded.first;
      if (candidate === undefined || victim === undefined) return victim ?? candidate ?? window.first;
      if (!admits(candidate, victim)) return candidate;
      move(candidate, inProbation);
      return victim;
    },
    clear: () => {
      slots.clear();
      for (const list of lists) list.clear();
    },
  };
}
