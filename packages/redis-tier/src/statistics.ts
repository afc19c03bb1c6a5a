import type { TierStats } from '@agent-cache/core-tier';
import { addStatistics } from './scripts/statistics-scripts.ts';
import type { Site } from './site.ts';

const flushEveryMs = 10_000;

/** Counted since the namespace was last cleared, by all processes together. */
export interface SharedStats {
  readonly hits: number;
  readonly misses: number;
  readonly writes: number;
  readonly deletes: number;
  /** computations begun with a lease */
  readonly leases: number;
  /** computations waited for in another process */
  readonly waits: number;
  /** values refused because they were invalidated while they were computed */
  readonly fenced: number;
  readonly bytesWritten: number;
}

const names = ['hits', 'misses', 'writes', 'deletes', 'leases', 'waits', 'fenced', 'bytesWritten'] as const;

/** Figures counted here and handed on in batches. They are figures: a batch whose answer is lost is not sent again. */
export class Statistics {
  readonly #site: Site;
  readonly #timer: NodeJS.Timeout;
  #batch: Record<keyof SharedStats, number> = emptyBatch();
  #hits = 0;
  #misses = 0;
  #entries = 0;
  #bytes = 0;

  constructor(site: Site) {
    this.#site = site;
    this.#timer = setInterval(() => void this.flush(), flushEveryMs);
    this.#timer.unref();
  }

  looked(hit: boolean): void {
    if (hit) {
      this.#hits += 1;
      this.#batch.hits += 1;
    } else {
      this.#misses += 1;
      this.#batch.misses += 1;
    }
  }

  wrote(bytes: number, replaced: boolean): void {
    this.#batch.writes += 1;
    this.#batch.bytesWritten += bytes;
    this.#bytes += bytes;
    if (!replaced) this.#entries += 1;
  }

  removed(): void {
    this.#entries = Math.max(0, this.#entries - 1);
  }

  cleared(): void {
    this.#entries = 0;
    this.#bytes = 0;
  }

  add(counts: Partial<SharedStats>): void {
    for (const name of names) this.#batch[name] += counts[name] ?? 0;
  }

  get own(): TierStats {
    return { entries: this.#entries, bytes: this.#bytes, hits: this.#hits, misses: this.#misses, evictions: 0 };
  }

  async shared(): Promise<SharedStats> {
    await this.flush();
    const { statistics } = this.#site.layout;
    const values = (await this.#site.run('hmget', [statistics, ...names])) as (Buffer | null)[];
    const sums = emptyBatch();
    for (const [index, name] of names.entries()) sums[name] = Number(values[index] ?? 0);
    return sums;
  }

  /** Never rejects. */
  async flush(): Promise<void> {
    const counted = names.filter((name) => this.#batch[name] > 0);
    if (counted.length === 0) return;
    const batch = this.#batch;
    this.#batch = emptyBatch();
    const args = counted.flatMap((name) => [name, batch[name]]);
    await this.#site.on([this.#site.layout.statistics], addStatistics, args).catch(() => undefined);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function emptyBatch(): Record<keyof SharedStats, number> {
  return { hits: 0, misses: 0, writes: 0, deletes: 0, leases: 0, waits: 0, fenced: 0, bytesWritten: 0 };
}
