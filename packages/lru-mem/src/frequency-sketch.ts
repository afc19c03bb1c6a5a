/** Rows of the sketch: four estimates per key, of which the smallest counts. */
const depth = 4;
/** A counter has four bits. */
const highest = 15;
/** Counters in a row for every key that is held: the keys that are not held are counted too. */
const countersPerKey = 4;
const multipliers = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;

/**
 * How often keys were used lately, in four bits each: the count-min sketch with conservative ageing of "TinyLFU: A Highly Efficient Cache
 * Admission Policy" (Einziger, Friedman, Manes, ACM Transactions on Storage, 2017). After a sample of ten uses per counted key all counters
 * are halved, so yesterday's favourites fade.
 */
export class FrequencySketch {
  #counters: Uint8Array = new Uint8Array(0);
  #mask = 0;
  #uses = 0;
  #sample = 0;

  /** @param keys how many different keys it should tell apart */
  constructor(keys: number) {
    this.grow(keys);
  }

  /** Starts over, larger, when `keys` is beyond what it was made for: counts of a small cache say little about a large one. */
  grow(keys: number): void {
    const width = countersPerKey * 2 ** Math.ceil(Math.log2(Math.max(16, keys)));
    if (width <= this.#mask + 1) return;
    // Two counters of a row share a byte.
    this.#counters = new Uint8Array((depth * width) / 2);
    this.#mask = width - 1;
    this.#sample = (10 * width) / countersPerKey;
    this.#uses = 0;
  }

  /** 0 to 15 */
  estimate(hash: number): number {
    let least = highest;
    for (let row = 0; row < depth; row += 1) {
      const place = this.#place(hash, row);
      const count = ((this.#counters[place >> 1] ?? 0) >> ((place & 1) << 2)) & highest;
      if (count < least) least = count;
    }
    return least;
  }

  increment(hash: number): void {
    let grown = false;
    for (let row = 0; row < depth; row += 1) {
      const place = this.#place(hash, row);
      const shift = (place & 1) << 2;
      const pair = this.#counters[place >> 1] ?? 0;
      if (((pair >> shift) & highest) === highest) continue;
      this.#counters[place >> 1] = pair + (1 << shift);
      grown = true;
    }
    if (!grown) return;
    this.#uses += 1;
    if (this.#uses >= this.#sample) this.#halve();
  }

  #place(hash: number, row: number): number {
    const mixed = Math.imul(hash ^ (hash >>> 15), multipliers[row] ?? 1);
    return row * (this.#mask + 1) + ((mixed ^ (mixed >>> 16)) & this.#mask);
  }

  #halve(): void {
    // Shifting the pair moves the lowest bit of the upper counter into the lower one: the mask takes it away.
    for (let index = 0; index < this.#counters.length; index += 1) {
      this.#counters[index] = ((this.#counters[index] ?? 0) >> 1) & 0x77;
    }
    this.#uses >>= 1;
  }
}

/** FNV-1a, from a seed of its own per cache so that nobody can prepare keys that collide. */
export function hashOf(key: string, seed: number): number {
  let hash = seed | 0;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return hash;
}
