import type { Call, LoggedChange } from '../protocol.ts';
import { settlement, timeOf } from './operations.ts';
import type { Store } from './store.ts';

type Settle = Extract<Call, { operation: 'settle' }>;

interface Waiter {
  readonly call: Settle;
  deadline: number;
}

/** What the watch tells the main thread. */
export interface WatchEvents {
  settled(id: number, data: Uint8Array | undefined): void;
  changed(changes: readonly LoggedChange[], generation: string): void;
}

/** Sees what other processes do: changes for listeners, ends of leases for those who wait. */
export class Watch {
  readonly #events: WatchEvents;
  readonly #waiters = new Map<number, Waiter>();
  #listening = false;
  #lastId: number | undefined;
  #version = -1;

  constructor(events: WatchEvents) {
    this.#events = events;
  }

  get isIdle(): boolean {
    return !this.#listening && !this.isWaiting;
  }

  get isWaiting(): boolean {
    return this.#waiters.size > 0;
  }

  get isListening(): boolean {
    return this.#listening;
  }

  listen(store: Store, on: boolean): void {
    this.#listening = on;
    this.#lastId = on ? (this.#lastId ?? store.invalidations.lastId()) : undefined;
  }

  wait(store: Store, call: Settle): void {
    this.#waiters.set(call.id, { call, deadline: 0 });
    this.#settle(store, timeOf(call));
  }

  /** @returns whether somebody waited under this id */
  cancel(id: number): boolean {
    return this.#waiters.delete(id);
  }

  /** Another file is there now: nothing that was known about the old one holds. */
  restart(store: Store): void {
    this.#version = -1;
    if (!this.#listening) return;
    this.#lastId = store.invalidations.lastId();
    this.#events.changed([{ source: '', kind: 'all' }], store.state.generation);
  }

  stop(): void {
    this.#listening = false;
    this.abandon();
  }

  /** Nothing can be waited for any more. */
  abandon(): void {
    for (const id of this.#waiters.keys()) this.#events.settled(id, undefined);
    this.#waiters.clear();
  }

  /** Looks whether another connection has written; costs two small system calls when none has. */
  poll(store: Store, now: number): void {
    const version = store.dataVersion();
    if (version !== this.#version) {
      this.#version = version;
      this.look(store, now);
      return;
    }
    const isDue = [...this.#waiters.values()].some(({ deadline }) => deadline <= now);
    if (isDue) this.#settle(store, now);
  }

  /** Reads on in the log of changes and looks at every lease that somebody waits for. */
  look(store: Store, now: number): void {
    if (this.#waiters.size > 0) this.#settle(store, now);
    while (this.#listening) {
      const state = store.state;
      const { changes, lastId } = store.invalidations.after(state, this.#lastId ?? 0);
      this.#lastId = lastId;
      if (changes.length === 0) return;
      this.#events.changed(changes, state.generation);
    }
  }

  #settle(store: Store, now: number): void {
    for (const [id, waiter] of this.#waiters) {
      const answer = settlement(store, waiter.call.args, now);
      if ('deadline' in answer) {
        waiter.deadline = answer.deadline;
        continue;
      }
      this.#waiters.delete(id);
      this.#events.settled(id, answer.data);
    }
  }
}
