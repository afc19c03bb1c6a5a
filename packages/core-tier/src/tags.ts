import type { MaybePromise } from './tier.ts';

/** A place in one namespace's sequence of invalidations. No clock in it. */
export interface Epoch {
  /** random; a new one whenever the authority lost its state, so nothing tagged comes back to life */
  readonly generation: string;
  readonly sequence: number;
}

export interface TagAuthority {
  epoch(): MaybePromise<Epoch>;
  /** One step, whatever carries the tags. A `delete` of a key advances the sequence too. */
  bump(tags: readonly string[]): MaybePromise<Epoch>;
  /** tag → sequence of its last bump after `epoch`, or "everything" when the generation is another */
  since(epoch: Epoch): MaybePromise<ReadonlyMap<string, number> | 'everything'>;
}
