import type { Slot } from './slot.ts';

/** A binary heap of slots, smallest first, that can also remove from the middle: each slot remembers its place. */
export class SlotHeap {
  readonly #slots: Slot[] = [];
  readonly #by: 'endsAt' | 'rank';
  readonly #place: 'endIndex' | 'index';

  constructor(by: 'endsAt' | 'rank', place: 'endIndex' | 'index') {
    this.#by = by;
    this.#place = place;
  }

  get first(): Slot | undefined {
    return this.#slots[0];
  }

  add(slot: Slot): void {
    this.#slots.push(slot);
    this.#rise(slot, this.#slots.length - 1);
  }

  remove(slot: Slot): void {
    const index = slot[this.#place];
    if (index < 0) return;
    slot[this.#place] = -1;
    const last = this.#slots.pop();
    if (last === undefined || last === slot) return;
    this.#slots[index] = last;
    last[this.#place] = index;
    this.settle(last);
  }

  /** Puts a slot whose order changed where it belongs. */
  settle(slot: Slot): void {
    this.#rise(slot, slot[this.#place]);
    this.#sink(slot, slot[this.#place]);
  }

  clear(): void {
    this.#slots.length = 0;
  }

  #rise(slot: Slot, from: number): void {
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#slots[above];
      if (parent === undefined || parent[this.#by] <= slot[this.#by]) break;
      this.#put(parent, index);
      index = above;
    }
    this.#put(slot, index);
  }

  #sink(slot: Slot, from: number): void {
    let index = from;
    for (;;) {
      const child = this.#smallerChild(index);
      if (child === undefined || child[this.#by] >= slot[this.#by]) break;
      const below = child[this.#place];
      this.#put(child, index);
      index = below;
    }
    this.#put(slot, index);
  }

  #smallerChild(index: number): Slot | undefined {
    const left = this.#slots[2 * index + 1];
    const right = this.#slots[2 * index + 2];
    if (left === undefined || right === undefined) return left;
    return right[this.#by] < left[this.#by] ? right : left;
  }

  #put(slot: Slot, index: number): void {
    this.#slots[index] = slot;
    slot[this.#place] = index;
  }
}
