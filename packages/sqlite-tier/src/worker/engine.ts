import type { Bulletin, Call, Failure, Reply, WorkerSettings } from '../protocol.ts';
import { FileKeeper } from './file-keeper.ts';
import { execute, isControl, isWrite, readClaim, timeOf, touches } from './operations.ts';
import { failureOf, kindOf } from './sqlite.ts';
import type { Store } from './store.ts';
import { Watch } from './watch.ts';

const maxCallsPerTurn = 500;
/** How long a call is tried again while other processes hold the lock. */
const busyMs = 5_000;
const busyRetryMs = 2;
/** For listeners. A poll is a timer and two system calls; most of what it costs is waking the thread. */
const pollEveryMs = 30;
/** While somebody waits for another process's lease. */
const waitPollEveryMs = 10;
const beatEveryMs = 250;
/** Replies to calls with this id interest nobody. */
const internal = 0;

interface Queued {
  readonly call: Call;
  readonly since: number;
}

/** Takes calls in batches, runs the writes of a batch in one transaction, and answers them when that is committed. */
export class Engine {
  readonly #file: string;
  readonly #post: (bulletin: Bulletin) => void;
  readonly #watch: Watch;
  readonly #keeper: FileKeeper;
  readonly #queue: Queued[] = [];
  #replies: Reply[] = [];
  /** what the last caller with a clock of its own said */
  #told: number | undefined;
  #turnIsDue = false;
  #isClosed = false;
  #pollTimer: NodeJS.Timeout | undefined;
  #beatAt = 0;

  constructor(settings: WorkerSettings, post: (bulletin: Bulletin) => void) {
    this.#file = settings.file;
    this.#post = post;
    this.#watch = new Watch({
      settled: (id, result) => this.#replies.push({ id, result }),
      changed: (changes, generation) => post({ changes, generation }),
    });
    this.#keeper = new FileKeeper(settings, {
      damaged: (rowId) => this.#discardLater(rowId),
      evicted: (evictions) => post({ evictions }),
      trouble: (trouble) => post({ trouble }),
      replaced: (store) => this.#watch.restart(store),
    });
  }

  receive(calls: readonly Call[]): void {
    const since = performance.now();
    for (const call of calls) {
      this.#told = call.now;
      this.#queue.push({ call, since });
    }
    this.#schedule();
  }

  #now(): number {
    return this.#told ?? Date.now();
  }

  #discardLater(rowId: number): void {
    const call: Call = { id: internal, operation: 'discard', args: { rowId }, now: this.#told, source: '' };
    this.#queue.push({ call, since: performance.now() });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#turnIsDue = false;
    if (this.#isClosed) return;
    const batch = this.#queue.splice(0, maxCallsPerTurn);
    this.#attempt(batch);
    this.#flush();
    this.#keepPolling();
    if (batch.length > 0) {
      this.#queue.unshift(...batch);
      setTimeout(() => this.#schedule(), busyRetryMs);
    } else if (this.#queue.length > 0) this.#schedule();
  }

  /** Answers what it can and leaves in `waiting` what has to wait for another process. */
  #attempt(waiting: Queued[], retry = true): void {
    try {
      this.#serve(this.#keeper.opened(), waiting);
    } catch (error) {
      const kind = kindOf(error);
      if (kind === 'busy') this.#failExpired(waiting, error);
      else if (kind === 'corrupt' && retry && this.#keeper.setAside(error, this.#now())) this.#attempt(waiting, false);
      else this.#failAll(waiting, error);
    }
  }

  #serve(store: Store, waiting: Queued[]): void {
    while (waiting[0] !== undefined && this.#serveUnlocked(store, waiting[0])) waiting.shift();
    if (waiting.length > 0) this.#serveLocked(store, waiting);
  }

  /** @returns false when the call needs the write lock */
  #serveUnlocked(store: Store, { call }: Queued): boolean {
    if (isControl(call)) {
      this.#control(store, call);
      return true;
    }
    try {
      const result = call.operation === 'claim' ? readClaim(store, call.args, timeOf(call)) : undefined;
      if (result === undefined && isWrite(call)) return false;
      this.#replies.push({ id: call.id, result: result ?? execute(store, call) });
    } catch (error) {
      if (kindOf(error) !== 'other') throw error;
      this.#fail(call, failureOf(error, this.#file));
    }
    return true;
  }

  #serveLocked(store: Store, waiting: Queued[]): void {
    const replies: Reply[] = [];
    const controls: Queued[] = [];
    try {
      store.transaction(this.#now(), () => {
        for (const queued of waiting) {
          if (isControl(queued.call)) controls.push(queued);
          else replies.push({ id: queued.call.id, result: execute(store, queued.call) });
        }
      });
    } catch (error) {
      this.#serveAfterFailure(store, waiting, error);
      return;
    }
    this.#replies.push(...replies);
    // What is committed is answered; what is left is tried again should the rest fail.
    waiting.splice(0, waiting.length, ...controls);
    this.#watch.look(store, this.#now());
    while (waiting[0] !== undefined && this.#serveUnlocked(store, waiting[0])) waiting.shift();
  }

  #serveAfterFailure(store: Store, waiting: Queued[], error: unknown): void {
    const kind = kindOf(error);
    if (kind === 'corrupt') throw error;
    if (kind === 'busy') {
      this.#failExpired(waiting, error);
      this.#serveUnblocked(store, waiting);
    } else if (waiting.length === 1) this.#failAll(waiting, error);
    else this.#serveOneByOne(store, waiting);
  }

  /** One call of the batch cannot be done; none of the others may suffer. */
  #serveOneByOne(store: Store, waiting: Queued[]): void {
    while (waiting[0] !== undefined) {
      const alone = [waiting[0]];
      this.#serveLocked(store, alone);
      if (alone.length > 0) return;
      waiting.shift();
    }
  }

  /** While another process writes: reads go on, unless they come after a write of ours to the same key. */
  #serveUnblocked(store: Store, waiting: Queued[]): void {
    const blocked = new Set<string>();
    let everything = false;
    for (const queued of waiting.splice(0)) {
      const touched = touches(queued.call);
      const free = !everything && touched !== 'everything' && !touched.some((name) => blocked.has(name));
      if (free && this.#serveUnlocked(store, queued)) continue;
      waiting.push(queued);
      if (touched === 'everything') everything = true;
      else for (const name of touched) blocked.add(name);
    }
  }

  #control(store: Store, call: Call): void {
    if (call.operation === 'settle') {
      this.#watch.wait(store, call);
      return;
    }
    if (call.operation === 'cancel' && this.#watch.cancel(call.args.id)) {
      this.#replies.push({ id: call.args.id, result: undefined });
    }
    if (call.operation === 'listen') this.#watch.listen(store, call.args.on);
    if (call.operation === 'tick') this.#watch.poll(store, this.#now());
    if (call.operation === 'close') this.#close();
    this.#replies.push({ id: call.id, result: undefined });
  }

  #close(): void {
    this.#isClosed = true;
    this.#watch.stop();
    clearTimeout(this.#pollTimer);
    this.#keeper.close();
  }

  #failExpired(waiting: Queued[], error: unknown): void {
    const now = performance.now();
    for (const queued of waiting.splice(0)) {
      if (now - queued.since < busyMs) waiting.push(queued);
      else this.#fail(queued.call, failureOf(error, this.#file));
    }
  }

  #failAll(waiting: Queued[], error: unknown): void {
    const failure = failureOf(error, this.#file);
    for (const { call } of waiting.splice(0)) this.#fail(call, failure);
  }

  #fail(call: Call, failure: Failure): void {
    // Closing succeeds whatever state the file is in; a wait that cannot go on has ended without an entry.
    if (call.operation === 'close') this.#close();
    if (call.operation === 'close' || call.operation === 'settle')
      this.#replies.push({ id: call.id, result: undefined });
    else this.#replies.push({ id: call.id, failure });
  }

  #keepPolling(): void {
    if (this.#isClosed || this.#watch.isIdle || this.#pollTimer !== undefined) return;
    this.#pollTimer = setTimeout(
      () => {
        this.#pollTimer = undefined;
        this.#pollOnce();
        this.#flush();
        this.#keepPolling();
      },
      this.#watch.isWaiting ? waitPollEveryMs : pollEveryMs,
    );
  }

  #pollOnce(): void {
    const now = this.#now();
    try {
      this.#watch.poll(this.#keeper.opened(), now);
    } catch (error) {
      const kind = kindOf(error);
      if (kind === 'corrupt') this.#keeper.setAside(error, now);
      else if (kind === 'other') this.#watch.abandon();
      return;
    }
    if (!this.#watch.isListening || performance.now() - this.#beatAt < beatEveryMs) return;
    this.#beatAt = performance.now();
    this.#post({ beat: true });
  }

  #flush(): void {
    const figures = this.#keeper.newFigures();
    if (this.#replies.length === 0 && figures === undefined) return;
    const replies = this.#replies;
    this.#replies = [];
    this.#post(figures === undefined ? { replies } : { replies, figures });
  }
}
