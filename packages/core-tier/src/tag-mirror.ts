import type { Epoch } from './tags.ts';

export type Verdict = 'alive' | 'dead' | 'unknown';

/** Tags remembered with the place of their last invalidation; older ones make way and raise the floor. */
const maxTags = 100_000;

/**
 * What this process knows of one sequence of invalidations. Pure bookkeeping: `Tags` feeds it from the authority.
 *
 * `latest` is the newest place anybody told us of: a value computed from now on may carry it. `complete` is how far we know every
 * invalidation; beyond it there may be some we have not heard of. Below `floor` we know nothing.
 */
export class TagMirror {
  readonly #namespaceTag: string;
  /** the mirror is the authority itself: what lies below its floor is dead, there is nobody to ask */
  readonly #alone: boolean;
  readonly #bumps = new Map<string, number>();
  #generation: string | undefined;
  #latest: Epoch | undefined;
  #complete = 0;
  #floor = 0;
  #deadUpTo = -1;
  #lastBump = -1;

  constructor(namespaceTag: string, alone: boolean) {
    this.#namespaceTag = namespaceTag;
    this.#alone = alone;
  }

  get latest(): Epoch | undefined {
    return this.#latest;
  }

  /** everything after this place is to be asked for when something may have been missed */
  get complete(): Epoch | undefined {
    return this.#generation === undefined ? undefined : { generation: this.#generation, sequence: this.#complete };
  }

  get hasGap(): boolean {
    return this.#latest !== undefined && this.#latest.sequence > this.#complete;
  }

  /** Starts over at `epoch`: whatever is of another generation is dead. */
  adopt(epoch: Epoch): void {
    this.#generation = epoch.generation;
    this.#latest = epoch;
    this.#complete = epoch.sequence;
    this.#floor = epoch.sequence;
    this.#deadUpTo = -1;
    this.#lastBump = -1;
    this.#bumps.clear();
  }

  /** Invalidations up to `epoch.sequence` are all known, except that everything computed before it is gone. */
  forgetBefore(epoch: Epoch): void {
    this.adopt(epoch);
    this.#deadUpTo = epoch.sequence - 1;
  }

  /** One invalidation, from wherever it was heard, in any order and as often as it comes. */
  bumped(tags: readonly string[], epoch: Epoch): void {
    if (epoch.generation !== this.#generation) this.adopt(epoch);
    for (const tag of tags) this.#record(tag, epoch.sequence);
    if (epoch.sequence === this.#complete + 1) this.#complete = epoch.sequence;
    this.reached(epoch);
    this.#prune();
  }

  /** Somebody saw the sequence here. */
  reached(epoch: Epoch): void {
    if (epoch.generation !== this.#generation) this.adopt(epoch);
    else if (this.#latest === undefined || epoch.sequence > this.#latest.sequence) this.#latest = epoch;
  }

  /** All invalidations after `from`, asked for when the sequence stood at `upTo` or later. */
  learned(changes: ReadonlyMap<string, number>, from: number, upTo: number): void {
    for (const [tag, sequence] of changes) this.#record(tag, sequence);
    if (from <= this.#complete && upTo > this.#complete) this.#complete = upTo;
    if (from < this.#floor) this.#floor = from;
    this.#prune();
  }

  /** The authority no longer knows what happened after `sequence`. */
  lost(sequence: number): void {
    if (sequence > this.#deadUpTo) this.#deadUpTo = sequence;
  }

  /** Whether a value computed at `epoch` has survived; the namespace tag is checked with its own. */
  judge(epoch: Epoch | undefined, tags: readonly string[] | undefined): Verdict {
    if (epoch === undefined || epoch.generation !== this.#generation) return this.#foreign(tags);
    const at = epoch.sequence;
    if (at <= this.#deadUpTo) return 'dead';
    if (at < this.#floor) return this.#alone ? 'dead' : 'unknown';
    if (at >= this.#lastBump) return 'alive';
    if (this.#bumpedAfter(this.#namespaceTag, at)) return 'dead';
    if (tags !== undefined) {
      for (const tag of tags) if (this.#bumpedAfter(tag, at)) return 'dead';
    }
    return 'alive';
  }

  /**
   * Nothing tagged survives another generation. With an authority that keeps its state, nothing at all does; the one in memory is new in
   * every process, so untagged values of persistent tiers outlive it until somebody clears the namespace.
   */
  #foreign(tags: readonly string[] | undefined): Verdict {
    const untagged = tags === undefined || tags.length === 0;
    return this.#alone && untagged && !this.#bumps.has(this.#namespaceTag) && this.#floor === 0 ? 'alive' : 'dead';
  }

  #bumpedAfter(tag: string, at: number): boolean {
    const bump = this.#bumps.get(tag);
    return bump !== undefined && bump > at;
  }

  #record(tag: string, sequence: number): void {
    const known = this.#bumps.get(tag);
    if (known !== undefined && known >= sequence) return;
    // Deleted first, so that the map stays ordered by the last bump and the oldest go first.
    this.#bumps.delete(tag);
    this.#bumps.set(tag, sequence);
    if (sequence > this.#lastBump) this.#lastBump = sequence;
  }

  #prune(): void {
    if (this.#bumps.size <= maxTags) return;
    const excess = this.#bumps.size - maxTags * 0.9;
    let dropped = 0;
    for (const [tag, sequence] of this.#bumps) {
      if (dropped >= excess) break;
      this.#bumps.delete(tag);
      if (sequence > this.#floor) this.#floor = sequence;
      dropped += 1;
    }
  }
}
