import { readBusMessage } from './bus-message.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { KeyLayout } from './key-layout.ts';
import type { Waits } from './waits.ts';

/** Forgetting an announcement only means to be told twice. */
const mostAnnounced = 1_000;

/** Makes changes for the stack, and wakes who waits, out of what the link brings. */
export class Ear {
  readonly #feed: ChangeFeed;
  readonly #waits: Waits;
  readonly #layout: KeyLayout;
  readonly #source: string;
  /**
   * Keys that a message named since the last push. The server sends its pushes at the end of each turn of its loop, so the messages about the
   * same changes come before them: ours are not news to us, and those of others are told already.
   */
  readonly #announced = new Set<string>();

  constructor(parts: {
    readonly feed: ChangeFeed;
    readonly waits: Waits;
    readonly layout: KeyLayout;
    readonly source: string;
  }) {
    this.#feed = parts.feed;
    this.#waits = parts.waits;
    this.#layout = parts.layout;
    this.#source = parts.source;
  }

  /** A push of the server: these stored keys changed; without any, all of them did. What nobody announced is expiry, eviction or a foreign client. */
  changed(stored: readonly string[] | undefined): void {
    if (stored === undefined) {
      this.#all();
      return;
    }
    const keys = stored.flatMap((name) => this.#layout.keyOf(name) ?? []);
    const news = keys.filter((key) => !this.#announced.has(key));
    this.#announced.clear();
    if (news.length > 0) this.#feed.tell({ keys: news });
    for (const key of keys) this.#waits.wake(key);
  }

  /** A message on the bus. */
  heard(text: string): void {
    const message = readBusMessage(text);
    if (message === undefined || message.kind === 'beat') return;
    if (message.kind === 'written' || message.kind === 'deleted') this.#announce(message.key);
    if (message.source === this.#source) return;
    switch (message.kind) {
      case 'bumped':
        this.#feed.tell({ tags: message.tags, epoch: message.epoch });
        return;
      case 'cleared':
        this.#all();
        return;
      case 'deleted':
        this.#feed.tell({ keys: [message.key] });
        // A delete advances the sequence: whoever follows it must not take that for a gap.
        this.#feed.tell({ tags: [], epoch: message.epoch });
        break;
      case 'written':
        this.#feed.tell({ keys: [message.key] });
        break;
      case 'ended':
        break;
    }
    this.#waits.wake(message.key);
  }

  #all(): void {
    this.#feed.tell('all');
    this.#waits.wakeAll();
  }

  #announce(key: string): void {
    if (this.#announced.size >= mostAnnounced) this.#announced.clear();
    this.#announced.add(key);
  }
}
