import type { Slot } from './slot.ts';

/** Slots in no order and without gaps, so that one can be drawn by lot; each slot remembers its place. */
export class SlotArray {
  readonly #slots: Slot[] = [];

  get count(): number {
    return this.#slots.length;
  }

  add(slot: Slot): void {
    slot.index = this.#slots.length;
    this.#slots.push(slot);
  }

  /** The last slot moves into the gap. */
  remove(slot: Slot): void {
    const last = this.#slots.pop();
    if (last === undefined || last === slot) return;
    this.#slots[slot.index] = last;
    last.index = slot.index;
  }

  draw(random: () => number): Slot | undefined {
    return this.#slots[Math.floor(random() * this.#slots.length)];
  }

  at(index: number): Slot | undefined {
    return this.#slots[index];
  }

  clear(): void {
    this.#slots.length = 0;
  }
}
