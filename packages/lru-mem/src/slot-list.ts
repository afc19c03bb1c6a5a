import type { Slot } from './slot.ts';

/** A doubly linked list through the slots themselves, oldest first; a slot is in one list at a time. */
export class SlotList {
  count = 0;
  bytes = 0;
  first: Slot | undefined;
  #last: Slot | undefined;

  push(slot: Slot): void {
    slot.previous = this.#last;
    slot.next = undefined;
    if (this.#last === undefined) this.first = slot;
    else this.#last.next = slot;
    this.#last = slot;
    this.count += 1;
    this.bytes += slot.bytes;
  }

  remove(slot: Slot): void {
    if (slot.previous === undefined) this.first = slot.next;
    else slot.previous.next = slot.next;
    if (slot.next === undefined) this.#last = slot.previous;
    else slot.next.previous = slot.previous;
    slot.previous = undefined;
    slot.next = undefined;
    this.count -= 1;
    this.bytes -= slot.bytes;
  }

  moveToEnd(slot: Slot): void {
    if (slot === this.#last) return;
    this.remove(slot);
    this.push(slot);
  }

  clear(): void {
    this.first = undefined;
    this.#last = undefined;
    this.count = 0;
    this.bytes = 0;
  }
}
