/** A chunk, and the way to the next. The last segment of a log has no bytes yet: the next chunk goes there. */
export interface Segment {
  readonly start: number;
  bytes: Uint8Array | undefined;
  next: Segment | undefined;
  followers: number;
}

/** The bytes of a source with the places of the cuts between its chunks. */
export interface WholeStream {
  readonly bytes: Uint8Array;
  /** offsets at which a chunk begins, without the first: three chunks have two cuts */
  readonly cuts: readonly number[];
}

function segmentAt(start: number): Segment {
  return { start, bytes: undefined, next: undefined, followers: 0 };
}

/**
 * Chunks kept once for all readers, as a chain that each reader holds by its own place: what nobody can reach any more is
 * garbage, without a count of who has read what. While no more than `maxBytes` have passed the beginning is held as well.
 */
export class StreamLog {
  readonly #maxBytes: number;
  #first: Segment | undefined = segmentAt(0);
  #slowest: Segment = this.#first as Segment;
  #last: Segment = this.#slowest;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** false once the beginning is no longer kept */
  get hasBeginning(): boolean {
    return this.#first !== undefined;
  }

  /** whether the slowest reader leaves room for another chunk */
  get hasRoom(): boolean {
    this.#findSlowest();
    return this.#last.start - this.#slowest.start < this.#maxBytes;
  }

  append(bytes: Uint8Array): void {
    const next = segmentAt(this.#last.start + bytes.byteLength);
    this.#last.bytes = bytes;
    this.#last.next = next;
    this.#last = next;
    if (next.start > this.#maxBytes) this.#first = undefined;
  }

  /** The place of a new reader: the beginning, which must be there still. */
  enter(): Segment {
    const first = this.#first as Segment;
    first.followers++;
    this.#slowest = first;
    return first;
  }

  advance(from: Segment): Segment {
    const next = from.next as Segment;
    from.followers--;
    next.followers++;
    this.#findSlowest();
    return next;
  }

  leave(from: Segment): void {
    from.followers--;
    this.#findSlowest();
  }

  whole(): WholeStream | undefined {
    if (this.#first === undefined) return undefined;
    const bytes = new Uint8Array(this.#last.start);
    const cuts: number[] = [];
    for (let segment = this.#first; segment.bytes !== undefined; segment = segment.next as Segment) {
      bytes.set(segment.bytes, segment.start);
      if (segment.start > 0) cuts.push(segment.start);
    }
    return { bytes, cuts };
  }

  /** Only ever moves forward between two `enter`s, so all of it together costs one step per chunk. */
  #findSlowest(): void {
    while (this.#slowest.followers === 0 && this.#slowest.next !== undefined) this.#slowest = this.#slowest.next;
  }
}
