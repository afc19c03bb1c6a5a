import { report } from './errors.ts';
import { reembed } from './reembedding.ts';
import type { Site } from './site.ts';
import { Room, tidy } from './upkeep.ts';

const flushMs = 1_000;
/** rounds of flushing between two looks at what is done rarely */
const seldom = 60;

/** Does what lookups leave for later: at most once a second, only while the index is used, and never holding the process open. */
export class Upkeeper {
  readonly #site: Site;
  readonly #room: Room;
  readonly #pending = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #rounds = 0;
  #answersSeen = -1;
  #isClosed = false;

  constructor(site: Site) {
    this.#site = site;
    this.#room = new Room(site);
  }

  /** The index is in use: a round is due within a second. */
  wake(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.flush().catch((error: unknown) => report('flush', 'ERR_PG_SEMANTIC_FLUSH', error));
    }, flushMs);
    this.#timer.unref();
  }

  /** Work that `close` has to wait for. */
  async during(work: Promise<void>): Promise<void> {
    this.#pending.add(work);
    try {
      await work;
    } finally {
      this.#pending.delete(work);
    }
  }

  /** One round; who asks while one runs waits for another, so that what it has buffered is written. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => undefined);
    this.#running = this.#round().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.allSettled(this.#pending);
    await this.#running?.catch(() => undefined);
    try {
      await this.#write();
    } catch (error) {
      report('close', 'ERR_PG_SEMANTIC_FLUSH', error);
    }
  }

  async #write(): Promise<void> {
    await this.#site.lessons.write();
    await this.#site.journal.write();
  }

  async #round(): Promise<void> {
    const { lessons, nearIndexes, counts } = this.#site;
    await this.#write();
    await lessons.read();
    const isSeldom = this.#rounds % seldom === 0;
    this.#rounds += 1;
    const stored = counts.answers + counts.wordings;
    if (stored !== this.#answersSeen || isSeldom) await this.#room.make();
    this.#answersSeen = stored;
    if (isSeldom) await this.#seldom();
    await nearIndexes.build();
  }

  async #seldom(): Promise<void> {
    this.#site.nearIndexes.refresh();
    await tidy(this.#site);
    await this.#site.lessons.prune();
    await reembed(this.#site, () => this.#isClosed);
    // Last: who may not read the statistics has slower lookups, and everything else all the same.
    await this.#site.commonWords.read();
  }
}
