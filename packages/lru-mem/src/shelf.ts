import type { Slot } from './slot.ts';

/** Holds the slots and knows which goes next: one per eviction policy. */
export interface Shelf {
  readonly size: number;
  /** the slot, without counting it as used */
  peek(key: string): Slot | undefined;
  /** the slot, counted as used */
  use(key: string): Slot | undefined;
  /** the key is not on the shelf */
  add(slot: Slot): void;
  remove(slot: Slot): void;
  /** the slot to give up next; still on the shelf */
  victim(): Slot | undefined;
  clear(): void;
}

/** What a shelf is told about the bounds. */
export interface Bounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}
