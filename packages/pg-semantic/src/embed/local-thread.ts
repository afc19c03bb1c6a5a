import { Worker } from 'node:worker_threads';
import { EmbeddingError } from './errors.ts';
import type { Answer, Request } from './local-protocol.ts';

interface Waiting {
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: EmbeddingError) => void;
}

/** The model's thread: started by the first question, started again after a crash, and never what keeps the process alive. */
export class LocalThread {
  readonly #id: string;
  readonly #start: () => Worker;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastRequest = 0;
  #closed = false;

  constructor(id: string, start: () => Worker = startWorker) {
    this.#id = id;
    this.#start = start;
  }

  /** One vector per chunk. */
  embed(chunks: readonly string[]): Promise<readonly Float32Array[]> {
    if (this.#closed) return Promise.reject(this.#error('CLOSED', `The embedder ${this.#id} is closed.`));
    const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>();
    const worker = this.#running();
    this.#lastRequest += 1;
    const request: Request = { id: this.#lastRequest, chunks };
    this.#waiting.set(request.id, { resolve, reject });
    worker.ref(); // somebody waits for the answer
    worker.postMessage(request);
    return promise;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#rejectAll(this.#error('CLOSED', `The embedder ${this.#id} was closed before it was done.`));
    await worker?.terminate();
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = this.#start();
    worker.on('message', (answer: Answer) => this.#settle(answer));
    worker.on('error', (cause) => this.#crashed(worker, cause));
    worker.on('exit', () => this.#crashed(worker));
    this.#worker = worker;
    return worker;
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ('vectors' in answer) waiting?.resolve(answer.vectors);
    else waiting?.reject(this.#failure(answer.failure));
  }

  #failure(reason: string): EmbeddingError {
    return new EmbeddingError(
      'ERR_PG_SEMANTIC_EMBEDDING_FAILED',
      `The embedder ${this.#id} failed: ${reason}`,
      this.#id,
    );
  }

  #crashed(worker: Worker, cause?: unknown): void {
    if (this.#worker !== worker) return;
    const message = `The thread of the embedder ${this.#id} ended without an answer; the next question starts it again.`;
    this.#rejectAll(this.#error('CRASHED', message, cause));
  }

  #rejectAll(error: EmbeddingError): void {
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }

  #error(what: 'CLOSED' | 'CRASHED', message: string, cause?: unknown): EmbeddingError {
    return new EmbeddingError(`ERR_PG_SEMANTIC_EMBEDDER_${what}`, message, this.#id, cause);
  }
}

function startWorker(): Worker {
  // The same file in the source tree and in the build, under the extension it has there.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  // Nothing of the process's environment, hooks or flags is of use in there.
  const worker = new Worker(new URL(`./local-worker.${extension}`, import.meta.url), {
    name: 'agent-cache-embedder',
    env: {},
    execArgv: [],
  });
  worker.unref();
  return worker;
}
