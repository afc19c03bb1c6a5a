import type { Worker } from 'node:worker_threads';
import { SqliteTierError, type SqliteTierErrorCode } from './errors.ts';
import type { Bulletin, Call, Failure, OperationName, Operations, WorkerSettings } from './protocol.ts';
import { returnThread, takeThread } from './worker-threads.ts';

const restartAfterMs = 1_000;
/** Bytes that wait for the worker; more than that and the disk is hopelessly behind. */
const maxWaitingBytes = 128 * 1024 * 1024;

/** Who asks, and what time it is there when the machine's clock does not say. */
export interface Caller {
  readonly source: string;
  readonly now: (() => number) | undefined;
}

/** A call that can be given up. */
export interface Pending<T> {
  readonly id: number;
  readonly result: Promise<T>;
}

/** What a tier hears from the worker besides answers. */
export interface ClientListener {
  bulletin(bulletin: Bulletin): void;
  /** the thread ended unasked; the next call starts another */
  lost(): void;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly bytes: number;
}

/** One worker thread and the calls it has not answered. Keeps the process alive while there are any, and only then. */
export class WorkerClient {
  readonly #settings: WorkerSettings;
  readonly #listeners = new Set<ClientListener>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #outbox: Call[] = [];
  #lastId = 0;
  #waitingBytes = 0;
  #listening = 0;
  #lostBy: { readonly cause: unknown; readonly until: number } | undefined;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    this.#start();
  }

  get settings(): WorkerSettings {
    return this.#settings;
  }

  subscribe(listener: ClientListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  call<Name extends OperationName>(
    operation: Name,
    args: Operations[Name]['args'],
    caller: Caller,
    bytes = 0,
  ): Pending<Operations[Name]['result']> {
    this.#lastId += 1;
    const id = this.#lastId;
    const refusal = this.#refusal(bytes);
    if (refusal !== undefined) return { id, result: Promise.reject(refusal) };
    const result = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, bytes });
    });
    this.#waitingBytes += bytes;
    // The compiler cannot see that operation and arguments belong together in a union; the signature has just checked it.
    this.#send({ id, operation, args, now: caller.now?.(), source: caller.source } as Call);
    return { id, result: result as Promise<Operations[Name]['result']> };
  }

  #refusal(bytes: number): SqliteTierError | undefined {
    if (this.#waitingBytes + bytes > maxWaitingBytes) return this.#overloaded();
    const lostBy = this.#lostBy;
    return lostBy !== undefined && performance.now() < lostBy.until ? this.#lostError(lostBy.cause) : undefined;
  }

  /** Asks for the changes that others make, until the returned function is called. */
  listen(): () => void {
    this.#listening += 1;
    if (this.#listening === 1 && this.#worker !== undefined) this.#send(listenCall(true));
    return () => {
      this.#listening -= 1;
      if (this.#listening === 0 && this.#worker !== undefined) this.#send(listenCall(false));
    };
  }

  /** Sends what needs no answer. */
  tell(operation: 'tick' | 'cancel', args: Call['args'], caller: Caller): void {
    this.#send({ id: 0, operation, args, now: caller.now?.(), source: caller.source } as Call);
  }

  /** Calls made in one go travel in one message. */
  #send(call: Call): void {
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
    this.#outbox.push(call);
  }

  #flush(): void {
    const calls = this.#outbox;
    this.#outbox = [];
    const worker = this.#worker ?? this.#start();
    if (this.#waiting.size > 0) worker.ref();
    try {
      worker.postMessage(calls);
    } catch {
      for (const call of calls) this.#post(worker, call);
    }
  }

  /** Something in a call is not what its type says and cannot be sent: that call fails, and no other. */
  #post(worker: Worker, call: Call): void {
    try {
      worker.postMessage([call]);
    } catch (cause) {
      const { file } = this.#settings;
      const message = `${call.operation} was called with something that cannot be sent to the thread of ${file}; keys and tags are strings`;
      this.#take(call.id)?.reject(new SqliteTierError('ERR_SQLITE_TIER_UNSTORABLE', message, file, cause));
    }
  }

  #start(): Worker {
    const worker = takeThread();
    worker.postMessage(this.#settings);
    if (this.#listening > 0) worker.postMessage([listenCall(true)]);
    worker.on('message', (bulletin: Bulletin) => this.#receive(bulletin));
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', () => this.#lost(worker, undefined));
    this.#worker = worker;
    return worker;
  }

  #receive(bulletin: Bulletin): void {
    for (const listener of this.#listeners) listener.bulletin(bulletin);
    for (const reply of bulletin.replies ?? []) {
      const waiting = this.#take(reply.id);
      if ('failure' in reply) waiting?.reject(this.errorOf(reply.failure));
      else waiting?.resolve(reply.result);
    }
    if (this.#waiting.size === 0) this.#worker?.unref();
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(id);
    this.#waitingBytes -= waiting.bytes;
    return waiting;
  }

  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    // A thread that cannot even start must not be started again and again.
    this.#lostBy = { cause, until: performance.now() + restartAfterMs };
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(this.#lostError(cause));
    for (const listener of this.#listeners) listener.lost();
    setTimeout(() => {
      if (this.#listening > 0 && this.#worker === undefined) this.#start();
    }, restartAfterMs).unref();
  }

  #lostError(cause: unknown): SqliteTierError {
    const { file } = this.#settings;
    return new SqliteTierError(
      'ERR_SQLITE_TIER_WORKER',
      `the thread that works on ${file} ended before it answered; another is started after ${restartAfterMs} ms`,
      file,
      cause,
    );
  }

  #overloaded(): SqliteTierError {
    const { file } = this.#settings;
    return new SqliteTierError(
      'ERR_SQLITE_TIER_OVERLOADED',
      `${maxWaitingBytes} bytes wait to be written to ${file}; this write was refused, try again when the disk has caught up`,
      file,
    );
  }

  errorOf(failure: Failure): SqliteTierError {
    return new SqliteTierError(failure.code as SqliteTierErrorCode, failure.message, this.#settings.file);
  }

  /** Everything asked for before is done when this resolves. */
  async close(caller: Caller): Promise<void> {
    if (this.#worker === undefined) return;
    await this.call('close', undefined, caller).result.catch(() => undefined);
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker !== undefined) await returnThread(worker);
  }
}

function listenCall(on: boolean): Call {
  return { id: 0, operation: 'listen', args: { on }, now: undefined, source: '' };
}

interface Shared {
  readonly client: WorkerClient;
  users: number;
}

const shared = new Map<string, Shared>();

/**
 * The worker of this file: all tiers of a process that name the same file share one.
 *
 * @throws TypeError when they disagree about the file's size
 */
export function acquireClient(settings: WorkerSettings): WorkerClient {
  const found = shared.get(settings.file);
  if (found === undefined) {
    const client = new WorkerClient(settings);
    shared.set(settings.file, { client, users: 1 });
    return client;
  }
  const { maxBytes } = found.client.settings;
  if (maxBytes !== settings.maxBytes) {
    throw new TypeError(
      `sqliteTier: ${settings.file} is open in this process with maxBytes ${maxBytes}, so maxBytes ${settings.maxBytes} cannot hold; use one value, or close the other tier first`,
    );
  }
  found.users += 1;
  return found.client;
}

/** Gives the worker back; the last one to do so ends it. */
export async function releaseClient(client: WorkerClient, caller: Caller): Promise<void> {
  const found = shared.get(client.settings.file);
  if (found?.client !== client) return;
  found.users -= 1;
  if (found.users > 0) return;
  shared.delete(client.settings.file);
  await client.close(caller);
}
