import type { Shelf, Slots } from './shelf.ts';
import { SlotArray } from './slot-array.ts';

/** Any entry, each as likely as the other. */
export function randomShelf(slots: Slots, random: () => number): Shelf {
  const dense = new SlotArray();
  return {
    use: (key) => slots.get(key)?.entry,
    add: (slot) => dense.add(slot),
    remove: (slot) => dense.remove(slot),
    victim: () => dense.draw(random),
    clear: () => dense.clear(),
  };
}
