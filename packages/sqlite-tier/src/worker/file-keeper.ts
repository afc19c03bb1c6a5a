import type { Eviction, Failure, WorkerSettings } from '../protocol.ts';
import { identityOf, setAside } from './file.ts';
import { failureOf, kindOf } from './sqlite.ts';
import { type Figures, Store } from './store.ts';

const tryAgainAfterMs = 1_000;

export interface FileEvents {
  damaged(rowId: number): void;
  evicted(evictions: readonly Eviction[]): void;
  trouble(trouble: Failure): void;
  /** an opened file is gone or was set aside, and this one is in its place */
  replaced(store: Store): void;
}

/** Keeps one file open, whatever happens to it. */
export class FileKeeper {
  readonly #settings: WorkerSettings;
  readonly #events: FileEvents;
  #store: Store | undefined;
  #wasOpen = false;
  /** the file that was last opened, or tried to be */
  #identity: string | undefined;
  #unusable: { readonly error: unknown; readonly until: number } | undefined;
  #reported: Figures | undefined;

  constructor(settings: WorkerSettings, events: FileEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  /** The file at our path, opened; reopened when another one is there now. */
  opened(): Store {
    if (this.#unusable !== undefined && performance.now() < this.#unusable.until) throw this.#unusable.error;
    if (this.#store !== undefined) {
      if (identityOf(this.#settings.file) === this.#store.identity) return this.#store;
      this.close();
    }
    try {
      this.#identity = identityOf(this.#settings.file);
      this.#store = new Store(this.#settings, this.#events);
    } catch (error) {
      if (kindOf(error) === 'other') this.#giveUpFor(error);
      throw error;
    }
    this.#unusable = undefined;
    this.#identity = this.#store.identity;
    if (this.#wasOpen) this.#events.replaced(this.#store);
    this.#wasOpen = true;
    return this.#store;
  }

  #giveUpFor(error: unknown): void {
    this.#unusable = { error, until: performance.now() + tryAgainAfterMs };
    this.#events.trouble(failureOf(error, this.#settings.file));
  }

  /** @returns false when the damaged file could not be moved */
  setAside(error: unknown, now: number): boolean {
    const { file } = this.#settings;
    this.close();
    this.#wasOpen = true;
    if (this.#identity === undefined) return true;
    try {
      const aside = setAside(file, this.#identity, now);
      if (aside === undefined) return true;
      const { code, message } = failureOf(error, file);
      this.#events.trouble({
        code,
        message: `${message}; it was set aside as ${aside} and a fresh file takes its place`,
      });
      return true;
    } catch (failure) {
      if (kindOf(failure) !== 'busy') this.#giveUpFor(failure);
      return false;
    }
  }

  close(): void {
    this.#store?.close();
    this.#store = undefined;
  }

  /** Entries and bytes, when they changed since they were last asked for. */
  newFigures(): Figures | undefined {
    const figures = this.#store?.figures;
    if (figures === undefined || figures === this.#reported) return undefined;
    this.#reported = figures;
    return figures;
  }
}
