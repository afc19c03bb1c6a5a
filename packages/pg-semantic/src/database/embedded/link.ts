import { PostgresError } from '../errors.ts';
import { errorOf } from './failure.ts';
import type { Ask, Goodbye, Note, Reply, Request } from './wire.ts';

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** How requests travel. */
export interface Carrier {
  send(request: Request): void;
  /** whether the process stays alive for what comes */
  hold(alive: boolean): void;
  /** nothing will be sent any more */
  end?(): void;
}

/** Requests on their way to an engine and the answers to them. Keeps the process alive while there are any, and only then. */
export class Link {
  readonly #carrier: Carrier;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, Set<(text: string) => void>>();
  readonly #left = Promise.withResolvers<void>();
  #leaving = false;
  #lastId = 0;
  #lost: PostgresError | undefined;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  /** resolves when this link is not to be used any more: the other side has ended, or said that it will */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  ask(what: Ask): Promise<Reply> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    this.#lastId += 1;
    const request = { ...what, id: this.#lastId };
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      if (this.#waiting.size === 1) this.#carrier.hold(true);
      try {
        this.#carrier.send(request);
      } catch (cause) {
        this.#settle(request.id)?.reject(
          new PostgresError('ERR_PG_SEMANTIC_STATEMENT', 'a parameter of the statement cannot be sent', { cause }),
        );
      }
    });
  }

  /** Calls back with what is said on a channel, until the link is lost. */
  async listen(channel: string, onNote: (text: string) => void): Promise<void> {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(onNote));
    await this.ask({ does: 'listen', channel });
  }

  unlisten(channel: string, onNote: (text: string) => void): void {
    this.#listeners.get(channel)?.delete(onNote);
  }

  receive(message: Reply | Note | Goodbye): void {
    if ('goodbye' in message) this.#leave();
    else if ('note' in message) {
      for (const onNote of this.#listeners.get(message.channel) ?? []) onNote(message.note);
    } else this.#answered(message);
  }

  /** What was asked is still answered. */
  #leave(): void {
    this.#leaving = true;
    this.#left.resolve();
    if (this.#waiting.size === 0) this.#carrier.end?.();
  }

  #answered(reply: Reply): void {
    const waiting = this.#settle(reply.id);
    if ('failure' in reply) waiting?.reject(errorOf(reply.failure));
    else waiting?.resolve(reply);
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size > 0) return waiting;
    this.#carrier.hold(false);
    if (this.#leaving) this.#carrier.end?.();
    return waiting;
  }

  /** What was asked and not answered may or may not have been done: nobody repeats it but its owner. */
  lose(cause?: unknown): void {
    if (this.#lost !== undefined) return;
    this.#lost = new PostgresError(
      'ERR_PG_SEMANTIC_INTERRUPTED',
      'the embedded Postgres ended before it answered; the statement may have been carried out, so look before you repeat it',
      { retriable: true, cause },
    );
    this.#left.resolve();
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(this.#lost);
  }
}
