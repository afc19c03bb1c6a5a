import { setTimeout as delay } from 'node:timers/promises';
import { channels } from '@agent-cache/core-tier';
import { closedError, PostgresError } from '../errors.ts';
import { type DirectoryClaim, tryClaim } from './claim.ts';
import type { EngineSource } from './embedded-connection.ts';
import { connectGuest } from './guest-link.ts';
import type { Link } from './link.ts';
import { type Places, placesIn } from './places.ts';
import { type HeldLink, openThread } from './thread-link.ts';

/** How often somebody who is neither owner nor guest looks again. */
const lookAgainMs = 20;
/** An owner that opens the database for the first time needs seconds. */
const giveUpAfterMs = 60_000;
/** A database that does not open is not tried again before this time is over. */
const restMs = 1_000;

/**
 * The engine of a directory that processes share: the first to claim it runs it in a thread and serves the others; when it ends, one of them
 * claims it.
 */
export async function sharedEngine(dataDir: string): Promise<SharedEngine> {
  const engine = new SharedEngine(placesIn(dataDir));
  await engine.link();
  return engine;
}

export class SharedEngine implements EngineSource {
  readonly #places: Places;
  #claim: DirectoryClaim | undefined;
  #held: HeldLink | undefined;
  #link: Promise<Link> | undefined;
  #closed = false;

  constructor(places: Places) {
    this.#places = places;
  }

  /** This process runs the engine. */
  get isOwner(): boolean {
    return this.#claim !== undefined;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  async link(): Promise<Link> {
    if (this.#closed) throw closedError();
    this.#link ??= this.#start();
    // Looking for an engine does not keep a process alive, but somebody who waits for it does.
    const alive = setInterval(() => undefined, restMs);
    try {
      return await this.#link;
    } finally {
      clearInterval(alive);
    }
  }

  #start(): Promise<Link> {
    const link = this.#acquire();
    link.catch(() => setTimeout(() => this.#forget(link), restMs).unref());
    return link;
  }

  #forget(link: Promise<Link>): void {
    if (this.#link === link) this.#link = undefined;
  }

  async #acquire(): Promise<Link> {
    const giveUpAt = performance.now() + giveUpAfterMs;
    while (!this.#closed) {
      const held = await this.#tryOnce();
      if (held !== undefined) return this.#keep(held);
      if (performance.now() > giveUpAt) throw silentError(this.#places);
      await delay(lookAgainMs, undefined, { ref: false });
    }
    throw closedError();
  }

  async #tryOnce(): Promise<HeldLink | undefined> {
    this.#claim ??= tryClaim(this.#places.lock);
    if (this.#claim === undefined) return connectGuest(this.#places.socket);
    try {
      const { data, draft, socket } = this.#places;
      return await openThread({ directory: data, draft, socket });
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  async #keep(held: HeldLink): Promise<Link> {
    if (this.#closed) {
      await held.close();
      this.#release();
      throw closedError();
    }
    this.#held = held;
    let ended = false;
    void held.ended.then(() => {
      ended = true;
    });
    void held.link.left.then(() => this.#lost(held, ended));
    return held.link;
  }

  /** The owner ends, or the thread has ended: at once to the next, so that it is there before it is needed. */
  #lost(held: HeldLink, unasked: boolean): void {
    if (this.#closed || this.#held !== held) return;
    this.#held = undefined;
    if (unasked) this.#report();
    this.#link = this.#start();
  }

  #report(): void {
    const error = new PostgresError(
      'ERR_PG_SEMANTIC_INTERRUPTED',
      `the process that ran the Postgres in ${this.#places.directory} ended; another takes over`,
      { retriable: true },
    );
    if (channels.error.hasSubscribers) channels.error.publish({ code: error.code, error, operation: 'embedded' });
  }

  #release(): void {
    this.#claim?.release();
    this.#claim = undefined;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const held = this.#held;
    this.#held = undefined;
    await held?.close();
    await this.#link?.catch(() => undefined);
    this.#release();
  }
}

function silentError({ directory }: Places): PostgresError {
  return new PostgresError(
    'ERR_PG_SEMANTIC_UNREACHABLE',
    `another process owns ${directory} and does not answer on its socket; end it, or name another directory as "dataDir"`,
    { retriable: true },
  );
}
