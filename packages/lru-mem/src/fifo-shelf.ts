import type { Shelf, Slots } from './shelf.ts';
import { SlotList } from './slot-list.ts';

/** First in, first out; a set counts as coming in, a hit changes nothing. */
export function fifoShelf(slots: Slots): Shelf {
  // An own list, because finding the first key of a Map walks over every deleted one.
  const order = new SlotList();
  return {
    use: (key) => slots.get(key)?.entry,
    add: (slot) => order.push(slot),
    remove: (slot) => order.remove(slot),
    victim: () => order.first,
    clear: () => order.clear(),
  };
}
