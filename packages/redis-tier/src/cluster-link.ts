import { busText, readBusMessage } from './bus-message.ts';
import type { ClusterNode, Connection } from './client.ts';
import type { TierSettings } from './options.ts';
import { report } from './report.ts';
import { isReadOnly } from './server.ts';
import type { LinkEvents } from './single-link.ts';

const tryAgainMs = 200;

/**
 * The connection that brings what others announce in a Cluster: to one master, which gets what is published on the others over the Cluster's own
 * bus. It is sound when an echo sent through every master comes back by it.
 */
export class ClusterLink {
  readonly #settings: TierSettings;
  readonly #channel: string;
  readonly #source: string;
  readonly #masters: () => readonly ClusterNode[];
  readonly #events: Omit<LinkEvents, 'keys' | 'dead'>;
  readonly #everyMs: number;
  readonly #timer: NodeJS.Timeout;
  #connection: Connection | undefined;
  #round = 0;
  #armed = false;
  #silent = 0;
  #beat = 0;
  #awaited: { readonly beats: Set<string>; readonly done: () => void } | undefined;
  #closed = false;

  constructor(
    settings: TierSettings,
    at: { readonly channel: string; readonly source: string; readonly masters: () => readonly ClusterNode[] },
    events: Omit<LinkEvents, 'keys' | 'dead'>,
  ) {
    this.#settings = settings;
    this.#channel = at.channel;
    this.#source = at.source;
    this.#masters = at.masters;
    this.#events = events;
    this.#everyMs = settings.heartbeatMs * 0.45;
    this.#timer = setInterval(() => void this.#probe(), this.#everyMs);
    this.#timer.unref();
  }

  /** The Cluster's nodes are known. */
  open(): void {
    if (this.#closed) return;
    this.#round += 1;
    const masters = this.#masters();
    const node = masters[Math.floor(Math.random() * masters.length)];
    if (node === undefined) {
      this.#openLater();
      return;
    }
    const connection = node.duplicate({
      protocol: 2,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: this.#everyMs,
      retryStrategy: () => null,
      reconnectOnError: isReadOnly,
      connectionName: 'agent-cache:changes',
      keyPrefix: '',
      readOnly: false,
    });
    this.#connection = connection;
    connection.on('error', () => undefined);
    connection.on('ready', () => void this.#arm(connection));
    connection.on('close', () => this.#lost(connection));
    connection.on('messageBuffer', (_channel: Buffer, payload: Buffer) => this.#receive(String(payload)));
    void connection.connect().catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#awaited?.done();
    this.#connection?.disconnect();
  }

  async #arm(connection: Connection): Promise<void> {
    try {
      await connection.callBuffer('subscribe', [this.#channel]);
    } catch (cause) {
      const { name } = this.#settings;
      const message = `a node of the Cluster does not take subscriptions, so no copies are served above tier "${name}"; allow SUBSCRIBE to this user, or use coherence: "off"`;
      report(name, 'ERR_REDIS_TIER_LINK', message, { cause, operation: 'subscribe' });
      connection.disconnect();
      return;
    }
    if (connection !== this.#connection || this.#closed) return;
    this.#armed = true;
    await this.#probe();
  }

  #receive(text: string): void {
    const message = readBusMessage(text);
    if (message?.kind !== 'beat') {
      this.#events.message(text);
      return;
    }
    if (message.source !== this.#source) return;
    this.#awaited?.beats.delete(message.beat);
    if (this.#awaited?.beats.size === 0) this.#awaited.done();
  }

  /** An echo through every master: only then did everything published before it arrive. */
  async #probe(): Promise<void> {
    if (!this.#armed || this.#awaited !== undefined) return;
    const round = this.#round;
    const masters = this.#masters();
    this.#beat += 1;
    const beats = masters.map((_, index) => `${this.#beat}.${index}`);
    const heard = this.#echoed(new Set(beats));
    masters.forEach((master, index) => {
      const text = busText.beat(this.#source, beats[index] ?? '');
      master.callBuffer('publish', [this.#channel, text]).catch(() => undefined);
    });
    const answered = await heard;
    if (round !== this.#round || this.#closed) return;
    this.#silent = answered ? 0 : this.#silent + 1;
    if (answered) this.#events.sound();
    else this.#events.doubt();
    if (this.#silent >= 3) this.#connection?.disconnect();
  }

  #echoed(beats: Set<string>): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#awaited = undefined;
        resolve(beats.size === 0);
      };
      const timer = setTimeout(done, this.#everyMs);
      this.#awaited = { beats, done };
      if (beats.size === 0) done();
    });
  }

  #lost(connection: Connection): void {
    if (connection !== this.#connection || this.#closed) return;
    this.#connection = undefined;
    this.#armed = false;
    this.#silent = 0;
    this.#events.lost();
    this.#openLater();
  }

  #openLater(): void {
    this.#round += 1;
    setTimeout(() => this.open(), tryAgainMs).unref();
  }
}
