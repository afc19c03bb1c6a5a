import type { Shelf } from './shelf.ts';
import type { Slot } from './slot.ts';
import { SlotList } from './slot-list.ts';

/** First in, first out; a set counts as coming in, a hit changes nothing. */
export function fifoShelf(): Shelf {
  const slots = new Map<string, Slot>();
  // An own list, because finding the first key of a Map walks over every deleted one.
  const order = new SlotList();
  const find = (key: string): Slot | undefined => slots.get(key);
  return {
    get size() {
      return slots.size;
    },
    peek: find,
    use: find,
    add: (slot) => {
      slots.set(slot.key, slot);
      order.push(slot);
    },
    remove: (slot) => {
      slots.delete(slot.key);
      order.remove(slot);
    },
    victim: () => order.first,
    clear: () => {
      slots.clear();
      order.clear();
    },
  };
}
