import type { Shelf } from './shelf.ts';
import type { Slot } from './slot.ts';

/** Any entry, each as likely as the other. */
export function randomShelf(random: () => number): Shelf {
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
    victim: () => dense[Math.floor(random() * dense.length)],
    clear: () => {
      slots.clear();
      dense.length = 0;
    },
  };
}

/** Removes in one step, by moving the last slot into the gap. */
export function removeFrom(dense: Slot[], slot: Slot): void {
  const last = dense.pop();
  if (last === undefined || last === slot) return;
  dense[slot.index] = last;
  last.index = slot.index;
}
