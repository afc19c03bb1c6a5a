import type { Change } from '@agent-cache/core-tier';
import { changesOf, type Note } from './notes.ts';
import type { TierSite } from './site.ts';

/** How long the tier waits for the database to listen. */
const patienceMs = 1_000;

type Listener = (change: Change) => void;

/** What other instances changed, for those who listen; the database is listened to while there are any. */
export class ChangeFeed {
  readonly #site: TierSite;
  readonly #listeners = new Map<symbol, Listener>();
  #stop: (() => void) | undefined;
  #inDoubt = false;
  #settle: () => void = () => undefined;

  constructor(site: TierSite) {
    this.#site = site;
  }

  onChange(listener: Listener): () => void {
    const id = Symbol('listener');
    this.#listeners.set(id, listener);
    if (this.#stop === undefined) this.#start();
    return () => {
      this.#listeners.delete(id);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** What is read before the database listens could change unheard: so nothing is, and after a while it is in doubt. */
  #start(): void {
    this.#site.waitFor(
      new Promise((resolve) => {
        const patience = setTimeout(() => {
          resolve();
          this.#turned(false);
        }, patienceMs).unref();
        this.#settle = () => {
          clearTimeout(patience);
          resolve();
        };
      }),
    );
    this.#stop = this.#site.settings.db.listen(this.#site.channel, {
      note: (text) => this.#heard(text),
      up: () => this.#turned(true),
      down: () => this.#turned(false),
    });
  }

  #heard(text: string): void {
    const note = JSON.parse(text) as Note;
    if (note.source === this.#site.source) return;
    for (const change of changesOf(note)) this.#tell(change);
  }

  #turned(up: boolean): void {
    this.#settle();
    if (this.#inDoubt === !up) return;
    this.#inDoubt = !up;
    this.#tell(up ? 'in-step' : 'unsure');
  }

  #tell(change: Change): void {
    for (const listener of [...this.#listeners.values()]) listener(change);
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#settle();
    this.#inDoubt = false;
    this.#listeners.clear();
  }
}
