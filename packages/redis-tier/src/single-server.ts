import { randomUUID } from 'node:crypto';
import type { Argument, Connection, ConnectionOptions, RedisLike } from './client.ts';
import type { KeyLayout } from './key-layout.ts';
import type { TierSettings } from './options.ts';
import { report } from './report.ts';
import { attach } from './scripts/authority-scripts.ts';
import {
  closedError,
  downError,
  evaluate,
  isReadOnly,
  retryDelayMs,
  runIdOf,
  type Server,
  unknownRun,
} from './server.ts';
import { ServerTime, timeFrom } from './server-time.ts';

/** How long a call waits for the very first connection; its own deadline is usually shorter. */
const firstConnectionMs = 1_000;
const tryAgainMs = 200;

export interface ServerEvents {
  /** Commands can be sent, to the server with this run id. */
  up(runId: string): void;
  down(): void;
}

/**
 * One connection for commands, to one server at a time. Nothing is queued while it is away and nothing is sent again when it is back: a
 * write that arrives long after its caller gave up could overtake a later one.
 */
export class SingleServer implements Server {
  readonly isCluster = false;
  readonly time: ServerTime;
  readonly #settings: TierSettings;
  readonly #layout: KeyLayout;
  readonly #events: ServerEvents;
  readonly #connection: Connection;
  #phase: 'starting' | 'attaching' | 'usable' | 'down' | 'closed' = 'starting';
  #round = 0;
  #runId: string = unknownRun;
  #waiting: { readonly go: () => void; readonly fail: (error: Error) => void }[] = [];
  #reported = false;

  constructor(settings: TierSettings, client: RedisLike, layout: KeyLayout, events: ServerEvents) {
    this.#settings = settings;
    this.#layout = layout;
    this.#events = events;
    this.#connection = client.duplicate({
      ...ownOptions(client, 'commands'),
      commandTimeout: client.options.commandTimeout ?? 1_000,
    });
    this.time = new ServerTime(async () => [timeFrom(await this.#connection.callBuffer('time', []))]);
    this.#connection.on('ready', () => void this.#attach());
    this.#connection.on('close', () => this.#lost());
    this.#connection.on('error', (error: Error) => this.#failed(error));
    void this.#connection.connect().catch(() => undefined);
  }

  get runId(): string {
    return this.#runId;
  }

  run(command: string, args: Argument[]): Promise<unknown> {
    if (this.#phase === 'usable') return this.#connection.callBuffer(command, args);
    return this.ready().then(() => this.#connection.callBuffer(command, args));
  }

  nodes(): readonly Pick<Connection, 'callBuffer'>[] {
    return [{ callBuffer: (command, args) => this.run(command, args) }];
  }

  /** Rejects while the server is known to be away; waits for the first connection, and for one that is just being made. */
  ready(): Promise<void> {
    if (this.#phase === 'usable') return Promise.resolve();
    if (this.#phase === 'closed') return Promise.reject(closedError(this.#settings.name));
    if (this.#phase === 'down') return Promise.reject(downError(this.#settings.name));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(downError(this.#settings.name)), firstConnectionMs);
      timer.unref();
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        settle();
      };
      this.#waiting.push({ go: () => end(resolve), fail: (error) => end(() => reject(error)) });
    });
  }

  /** Makes a new connection: this one does not answer. */
  reconnect(): void {
    if (this.#phase !== 'closed') this.#connection.disconnect(true);
  }

  close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#release(closedError(this.#settings.name));
    this.time.stop();
    this.#connection.disconnect();
  }

  /** Where another server runs than the one that wrote the sequence, what that one had and did not hand on is unknown: a new generation begins. */
  async #attach(): Promise<void> {
    if (this.#phase === 'closed') return;
    this.#phase = 'attaching';
    this.#round += 1;
    const round = this.#round;
    try {
      const run = (command: string, args: Argument[]): Promise<unknown> => this.#connection.callBuffer(command, args);
      const runId = await runIdOf(run);
      await this.time.look();
      await evaluate({ run }, attach, [this.#layout.authority], [runId, randomUUID()]);
      if (round !== this.#round || this.#phase !== 'attaching') return;
      this.#runId = runId;
    } catch (error) {
      if (round === this.#round && this.#phase === 'attaching') this.#refused(error);
      return;
    }
    this.#phase = 'usable';
    this.#reported = false;
    this.#release();
    this.#events.up(this.#runId);
  }

  /** It answers, but not as we need it: a replica, or one that is loading. */
  #refused(error: unknown): void {
    this.#failed(error);
    this.#phase = 'down';
    this.#release(downError(this.#settings.name));
    const round = this.#round;
    setTimeout(() => round === this.#round && this.reconnect(), tryAgainMs).unref();
  }

  #lost(): void {
    if (this.#phase === 'closed') return;
    this.#round += 1;
    this.#phase = 'down';
    this.#release(downError(this.#settings.name));
    this.#events.down();
  }

  #failed(cause: unknown): void {
    // Once per outage: ioredis tries again and again.
    if (this.#reported || this.#phase === 'closed') return;
    this.#reported = true;
    const message =
      'the connection for commands failed and is made again; check the server, its address and credentials';
    report(this.#settings.name, 'ERR_REDIS_TIER_CONNECTION', message, { cause, operation: 'connect' });
  }

  #release(error?: Error): void {
    for (const { go, fail } of this.#waiting.splice(0)) {
      if (error === undefined) go();
      else fail(error);
    }
  }
}

/** What both connections of the tier need, whatever the client was made for. */
export function ownOptions({ options }: RedisLike, purpose: string): Omit<ConnectionOptions, 'commandTimeout'> {
  return {
    protocol: 2,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retryDelayMs,
    reconnectOnError: isReadOnly,
    connectionName: `${options.connectionName ?? 'agent-cache'}:${purpose}`,
    keyPrefix: '',
    readOnly: false,
  };
}
