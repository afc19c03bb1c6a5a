import type { Entry } from '@agent-cache/core-tier';
import type { Slot } from './slot.ts';

/** The order in which slots are given up: one kind per eviction policy. */
export interface Shelf {
  /** the entry of a key, counted as used */
  use(key: string): Entry | undefined;
  /** the key is not on the shelf */
  add(slot: Slot): void;
  remove(slot: Slot): void;
  /** the slot to give up next; still on the shelf */
  victim(): Slot | undefined;
  clear(): void;
}

/** All slots by key. The tier keeps it up to date before it tells the shelf of an addition and after a removal. */
export type Slots = ReadonlyMap<string, Slot>;

/** What a shelf is told about the bounds. */
export interface Bounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}
