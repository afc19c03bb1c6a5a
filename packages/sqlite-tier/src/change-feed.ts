import type { Change } from '@agent-cache/core-tier';
import type { Bulletin, LoggedChange } from './protocol.ts';
import type { TierLink } from './tier-link.ts';

const lookEveryMs = 250;

/** Tells listeners what others changed, and when that can no longer be known. */
export class ChangeFeed {
  readonly #link: TierLink;
  readonly #listeners = new Set<(change: Change) => void>();
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  #heardAt = 0;
  #unsure = false;

  constructor(link: TierLink) {
    this.#link = link;
  }

  onChange(listener: (change: Change) => void): () => void {
    // A listener of its own for every call: the same function may be registered twice and taken away once.
    const own = (change: Change): void => listener(change);
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.close();
    };
  }

  receive({ changes, generation, beat }: Bulletin): void {
    if (this.#listeners.size === 0) return;
    if (changes !== undefined) {
      const others = changes.filter((change) => change.source !== this.#link.caller.source);
      for (const change of asChanges(others, generation ?? '')) this.#tell(change);
    }
    if (beat !== true) return;
    this.#heardAt = performance.now();
    if (!this.#unsure) return;
    this.#unsure = false;
    this.#tell('in-step');
  }

  /** The worker is gone, and with it the place in the log. */
  lost(): void {
    if (this.#listeners.size === 0 || this.#link.isClosed) return;
    this.#doubt();
    this.#tell('all');
  }

  #open(): void {
    if (this.#link.isClosed) return;
    this.#stopListening = this.#link.client.listen();
    this.#heardAt = performance.now();
    this.#timer = setInterval(() => {
      // Messages that arrived while this thread was busy are heard first.
      setImmediate(() => this.#check()).unref();
    }, lookEveryMs);
    this.#timer.unref();
  }

  #check(): void {
    if (this.#timer !== undefined && performance.now() - this.#heardAt > this.#link.settings.heartbeatMs) this.#doubt();
  }

  #doubt(): void {
    if (this.#unsure) return;
    this.#unsure = true;
    this.#tell('unsure');
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#timer = undefined;
    this.#unsure = false;
    this.#listeners.clear();
  }
}

/** Neighbouring keys become one change. */
function asChanges(changes: readonly LoggedChange[], generation: string): readonly Change[] {
  const told: Change[] = [];
  let keys: string[] | undefined;
  for (const change of changes) {
    if (change.kind === 'key') {
      if (keys === undefined) {
        keys = [];
        told.push({ keys });
      }
      keys.push(change.key);
      continue;
    }
    keys = undefined;
    if (change.kind === 'all') told.push('all');
    else told.push({ tags: change.tags, epoch: { generation, sequence: change.sequence } });
  }
  return told;
}
