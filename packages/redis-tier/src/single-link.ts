import type { Connection, RedisLike } from './client.ts';
import type { TierSettings } from './options.ts';
import { report } from './report.ts';
import { runIdOf, unknownRun } from './server.ts';
import { ownOptions } from './single-server.ts';

const tracked = '__redis__:invalidate';

export interface LinkEvents {
  /** value keys that others changed; undefined: all of them */
  keys(stored: readonly string[] | undefined): void;
  message(text: string): void;
  /** it does not answer */
  doubt(): void;
  /** it broke */
  lost(): void;
  /** it answers */
  sound(): void;
  /** the server has not answered for long */
  dead(): void;
}

/**
 * The connection that brings what others changed. It speaks RESP2, because ioredis 6 drops the pushes of RESP3. With tracking the server tells of
 * every change of a value (BCAST, redirected to this very connection, https://redis.io/docs/latest/commands/client-tracking/), our own
 * included.
 */
export class SingleLink {
  readonly #settings: TierSettings;
  readonly #channel: string;
  readonly #prefix: string;
  readonly #events: LinkEvents;
  readonly #connection: Connection;
  readonly #timer: NodeJS.Timeout;
  #runId: string = unknownRun;
  #expected: string = unknownRun;
  #round = 0;
  #armed = false;
  #silent = 0;
  #probing = false;
  #closed = false;

  constructor(settings: TierSettings, client: RedisLike, at: { channel: string; prefix: string }, events: LinkEvents) {
    this.#settings = settings;
    this.#channel = at.channel;
    this.#prefix = at.prefix;
    this.#events = events;
    // Two probes fit into a heartbeat: one that was answered just before the link died, and the one that finds out.
    const everyMs = settings.heartbeatMs * 0.45;
    this.#connection = client.duplicate({ ...ownOptions(client, 'changes'), commandTimeout: everyMs });
    this.#connection.on('ready', () => void this.#arm());
    this.#connection.on('close', () => this.#lost());
    this.#connection.on('error', () => undefined);
    this.#connection.on('messageBuffer', (channel: Buffer, payload: unknown) =>
      this.#receive(String(channel), payload),
    );
    void this.#connection.connect().catch(() => undefined);
    this.#timer = setInterval(() => void this.#probe(), everyMs);
    this.#timer.unref();
  }

  /** Commands go to the server with this run id: news from another one are not about what they change. */
  expect(runId: string): void {
    this.#expected = runId;
    if (this.#armed && !this.#fits()) this.#connection.disconnect(true);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#connection.disconnect();
  }

  async #arm(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    const call = (command: string, ...args: string[]): Promise<unknown> => this.#connection.callBuffer(command, args);
    const channels = [this.#channel];
    try {
      this.#runId = await runIdOf((command, args) => this.#connection.callBuffer(command, args));
      if (this.#settings.coherence === 'tracking') {
        const id = String(await call('client', 'id'));
        await call('client', 'tracking', 'on', 'redirect', id, 'bcast', 'prefix', this.#prefix);
        channels.push(tracked);
      }
      await call('subscribe', ...channels);
    } catch (error) {
      if (round === this.#round) this.#refused(error);
      return;
    }
    if (round !== this.#round || this.#closed) return;
    if (!this.#fits()) {
      this.#refused(new Error(`commands go to run ${this.#expected}, changes come from run ${this.#runId}`));
      return;
    }
    this.#armed = true;
    this.#silent = 0;
    this.#events.sound();
  }

  #fits(): boolean {
    return [this.#expected, unknownRun].includes(this.#runId) || this.#expected === unknownRun;
  }

  #receive(channel: string, payload: unknown): void {
    if (this.#closed) return;
    if (channel !== tracked) this.#events.message(String(payload));
    // One push may name several keys; none at all stands for a flush.
    else this.#events.keys(Array.isArray(payload) ? payload.map(String) : undefined);
  }

  /** What was changed before the answer was sent has arrived when the answer has. */
  async #probe(): Promise<void> {
    if (!this.#armed || this.#probing) return;
    this.#probing = true;
    const round = this.#round;
    const answered = await this.#connection.callBuffer('ping', []).then(
      () => true,
      () => false,
    );
    this.#probing = false;
    if (round !== this.#round || this.#closed) return;
    this.#silent = answered ? 0 : this.#silent + 1;
    if (answered) this.#events.sound();
    else this.#events.doubt();
    if (this.#silent < 4) return;
    this.#silent = 0;
    this.#connection.disconnect(true);
    this.#events.dead();
  }

  #lost(): void {
    this.#round += 1;
    this.#armed = false;
    if (!this.#closed) this.#events.lost();
  }

  /** Copies above are not served until it works: slower, never wrong. */
  #refused(cause: unknown): void {
    if (this.#closed) return;
    const { name, coherence } = this.#settings;
    const way =
      coherence === 'tracking'
        ? 'allow CLIENT TRACKING and SUBSCRIBE to this user, or use coherence: "bus" in all processes'
        : 'allow SUBSCRIBE to this user, or use coherence: "off"';
    const message = `the server does not tell what others change, so no copies are served above tier "${name}"; ${way}`;
    report(name, 'ERR_REDIS_TIER_LINK', message, { cause, operation: 'subscribe' });
    this.#events.lost();
    setTimeout(() => this.#closed || this.#connection.disconnect(true), 1_000).unref();
  }
}
