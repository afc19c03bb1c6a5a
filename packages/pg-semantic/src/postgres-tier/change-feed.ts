import type { Change } from '@agent-cache/core-tier';
import { changesOf, type Note } from './notes.ts';
import type { TierSite } from './site.ts';

type Listener = (change: Change) => void;

/** What other instances changed, for those who listen; the database is listened to while there are any. */
export class ChangeFeed {
  readonly #site: TierSite;
  readonly #listeners = new Map<symbol, Listener>();
  #stop: (() => void) | undefined;
  #isUp = false;

  constructor(site: TierSite) {
    this.#site = site;
  }

  onChange(listener: Listener): () => void {
    const id = Symbol('listener');
    this.#listeners.set(id, listener);
    this.#stop ??= this.#site.settings.db.listen(this.#site.channel, {
      note: (text) => this.#heard(text),
      up: () => this.#turned(true),
      down: () => this.#turned(false),
    });
    // Until the database listens, changes pass unheard.
    if (!this.#isUp) listener('unsure');
    return () => {
      this.#listeners.delete(id);
      if (this.#listeners.size === 0) this.close();
    };
  }

  #heard(text: string): void {
    const note = JSON.parse(text) as Note;
    if (note.source === this.#site.source) return;
    for (const change of changesOf(note)) this.#tell(change);
  }

  #turned(up: boolean): void {
    this.#isUp = up;
    this.#tell(up ? 'in-step' : 'unsure');
  }

  #tell(change: Change): void {
    for (const listener of [...this.#listeners.values()]) listener(change);
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#isUp = false;
    this.#listeners.clear();
  }
}
