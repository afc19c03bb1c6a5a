import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import postgres, { type Options, type Sql } from 'postgres';
import type { NoteListener } from '../connection.ts';
import { within } from '../deadline.ts';

/** How often the connection has to prove that notifications come through, and how long it may take. */
const beatMs = 2_000;
const tryAgainMs = 500;

/** postgres.js has these hooks for its own use and leaves them out of its types. */
interface Hooks {
  readonly onnotify: (channel: string, text: string) => void;
  readonly onclose: () => void;
}

/**
 * Hears notifications of a server, over one connection of its own, made when there is somebody who listens. It says something to itself again and
 * again: a connection that was cut without a word, and a pooler that takes LISTEN and delivers nothing, both look sound otherwise.
 */
export class ServerEar {
  readonly #url: string;
  readonly #beat = `ac_beat_${randomUUID().replaceAll('-', '')}`;
  readonly #listeners = new Map<NoteListener, string>();
  /** what this connection listens to */
  readonly #channels = new Set<string>();
  #client: Sql | undefined;
  #isUp = false;
  #round = new AbortController();
  #heard: () => void = () => undefined;

  constructor(url: string) {
    this.#url = url;
  }

  listen(channel: string, listener: NoteListener): () => void {
    this.#listeners.set(listener, channel);
    if (this.#client === undefined) void this.#run();
    else if (this.#isUp) void this.#add(channel, listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#round;
    const client = this.#connect();
    this.#client = client;
    while (!signal.aborted) {
      try {
        await this.#listenToAll(client);
        if (signal.aborted) return;
        // At once: who comes from now on is listened to by itself.
        this.#turn(true);
        for (;;) {
          await delay(beatMs, undefined, { signal, ref: false });
          await this.#prove(client);
        }
      } catch {
        if (signal.aborted) return;
        this.#lost();
        await delay(tryAgainMs, undefined, { ref: false });
      }
    }
  }

  #connect(): Sql {
    const hooks: Hooks = {
      onnotify: (channel, text) => this.#notify(channel, text),
      onclose: () => this.#lost(),
    };
    const options: Options<Record<string, never>> = {
      max: 1,
      connect_timeout: 5,
      idle_timeout: 0,
      max_lifetime: 0,
      fetch_types: false,
      onnotice: () => undefined,
      connection: { application_name: 'agent-cache listener' },
    };
    return postgres(this.#url, { ...options, ...hooks });
  }

  /** Until nobody has come meanwhile whose channel is not listened to. */
  async #listenToAll(client: Sql): Promise<void> {
    let wanted: string | undefined = this.#beat;
    do {
      for (; wanted !== undefined; wanted = this.#unheard()) await this.#listenTo(client, wanted);
      await this.#prove(client);
      wanted = this.#unheard();
    } while (wanted !== undefined);
  }

  #unheard(): string | undefined {
    return [this.#beat, ...this.#listeners.values()].find((channel) => !this.#channels.has(channel));
  }

  async #listenTo(client: Sql, channel: string): Promise<void> {
    await within(beatMs, client.unsafe(`listen "${channel}"`));
    this.#channels.add(channel);
  }

  /** A new connection listens to nothing. */
  #lost(): void {
    this.#channels.clear();
    this.#turn(false);
  }

  async #prove(client: Sql): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#heard = resolve;
    await within(beatMs, client.unsafe('select pg_notify($1, $2)', [this.#beat, '']));
    await within(beatMs, promise);
  }

  async #add(channel: string, listener: NoteListener): Promise<void> {
    try {
      if (this.#client !== undefined) await this.#listenTo(this.#client, channel);
      if (this.#isUp && this.#listeners.has(listener)) listener.up();
    } catch {
      // The connection is on its way down, and listens to everything when it is up again.
    }
  }

  #notify(channel: string, text: string): void {
    if (channel === this.#beat) this.#heard();
    for (const [listener, wanted] of this.#listeners) if (wanted === channel) listener.note(text);
  }

  #turn(up: boolean): void {
    if (this.#isUp === up) return;
    this.#isUp = up;
    for (const listener of this.#listeners.keys()) up ? listener.up() : listener.down();
  }

  close(): void {
    this.#listeners.clear();
    this.#round.abort();
    this.#round = new AbortController();
    this.#isUp = false;
    this.#channels.clear();
    const client = this.#client;
    this.#client = undefined;
    client?.end({ timeout: 1 }).catch(() => undefined);
  }
}
