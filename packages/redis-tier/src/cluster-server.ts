import type { Argument, ClusterConnection, ClusterLike, ClusterNode, Connection } from './client.ts';
import type { TierSettings } from './options.ts';
import { report } from './report.ts';
import { closedError, downError, isReadOnly, retryDelayMs, type Server } from './server.ts';
import { ServerTime, timeFrom } from './server-time.ts';

/** How long a call waits for the very first connection; its own deadline is usually shorter. */
const firstConnectionMs = 1_000;

/** A Cluster client of the tier's own. Slots that move are followed; nothing is queued while the Cluster is out of reach. */
export class ClusterServer implements Server {
  readonly isCluster = true;
  readonly runId = '';
  readonly time: ServerTime;
  readonly #settings: TierSettings;
  readonly #connection: ClusterConnection;
  readonly #first: Promise<void>;
  #hasBeenReady = false;
  #reported = false;
  #closed = false;

  constructor(settings: TierSettings, client: ClusterLike) {
    this.#settings = settings;
    const { options } = client;
    this.#connection = client.duplicate([], {
      lazyConnect: true,
      enableOfflineQueue: false,
      keyPrefix: '',
      // Long enough for a slot that moves and for a replica that takes over; a call's own deadline is usually shorter.
      maxRedirections: 8,
      retryDelayOnFailover: 100,
      retryDelayOnClusterDown: 100,
      clusterRetryStrategy: retryDelayMs,
      redisOptions: {
        ...options.redisOptions,
        protocol: 2,
        keyPrefix: '',
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,
        commandTimeout: options.redisOptions?.commandTimeout ?? 1_000,
        reconnectOnError: isReadOnly,
        connectionName: `${options.redisOptions?.connectionName ?? 'agent-cache'}:commands`,
      },
    });
    this.#connection.on('error', (error: Error) => this.#failed(error));
    this.#connection.on('node error', (error: Error) => this.#failed(error));
    this.time = new ServerTime(() => this.#times());
    this.#first = new Promise((resolve) => {
      const timer = setTimeout(resolve, firstConnectionMs);
      timer.unref();
      this.#connection.on('ready', () => {
        this.#hasBeenReady = true;
        this.#reported = false;
        clearTimeout(timer);
        void this.time.look().then(resolve);
      });
    });
    void this.#connection.connect().catch(() => undefined);
  }

  async run(command: string, args: Argument[]): Promise<unknown> {
    if (this.#closed) throw closedError(this.#settings.name);
    if (!this.#hasBeenReady) await this.#first;
    if (this.#connection.status !== 'ready') throw downError(this.#settings.name);
    return this.#connection.callBuffer(command, args);
  }

  nodes(): readonly Pick<Connection, 'callBuffer'>[] {
    return this.masters();
  }

  /** As far as this client knows. */
  masters(): readonly ClusterNode[] {
    return this.#connection.nodes('master');
  }

  async ready(): Promise<void> {
    await this.#first;
    if (this.#connection.status !== 'ready') throw downError(this.#settings.name);
  }

  close(): void {
    this.#closed = true;
    this.time.stop();
    this.#connection.disconnect();
  }

  async #times(): Promise<readonly number[]> {
    const asked = await Promise.allSettled(this.masters().map((node) => node.callBuffer('time', [])));
    return asked.flatMap((answer) => (answer.status === 'fulfilled' ? [timeFrom(answer.value)] : []));
  }

  #failed(cause: unknown): void {
    if (this.#reported || this.#closed) return;
    this.#reported = true;
    const message =
      'a connection to the Cluster failed and is made again; check its nodes, their addresses and credentials';
    report(this.#settings.name, 'ERR_REDIS_TIER_CONNECTION', message, { cause, operation: 'connect' });
  }
}
