/** What a command is made of. */
export type Argument = string | Buffer | number;

/** The part of an ioredis connection that the tier uses once it has one of its own. */
export interface Connection {
  readonly status: string;
  callBuffer(command: string, args: Argument[]): Promise<unknown>;
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  // biome-ignore lint/suspicious/noExplicitAny: every event has arguments of its own
  on(event: string, listener: (...args: any[]) => void): unknown;
}

/** What the tier sets on the connections it makes for itself. Other options stay as they are on the client. */
export interface ConnectionOptions {
  readonly protocol: 2;
  readonly lazyConnect: true;
  readonly enableOfflineQueue: boolean;
  readonly autoResubscribe: false;
  readonly autoResendUnfulfilledCommands: false;
  readonly maxRetriesPerRequest: number;
  readonly commandTimeout: number;
  readonly retryStrategy: (times: number) => number | null;
  readonly reconnectOnError: (error: Error) => boolean;
  readonly connectionName: string;
  readonly keyPrefix: string;
  readonly readOnly: false;
}

/** An ioredis 5 or 6 `Redis`: a single server, or one found through Sentinel. */
export interface RedisLike {
  readonly isCluster: boolean;
  readonly options: {
    readonly commandTimeout?: number | undefined;
    readonly connectionName?: string | undefined;
    readonly keyPrefix?: string | undefined;
  };
  duplicate(override?: Partial<ConnectionOptions>): Connection;
}

/** An ioredis 5 or 6 `Cluster`. */
export interface ClusterLike {
  readonly isCluster: boolean;
  readonly options: {
    readonly keyPrefix?: string | undefined;
    readonly redisOptions?: RedisLike['options'] | undefined;
  };
  duplicate(startupNodes?: never[], override?: ClusterOverride): ClusterConnection;
}

/** What the tier sets on a Cluster client of its own. */
interface ClusterOverride {
  readonly lazyConnect: true;
  readonly enableOfflineQueue: boolean;
  readonly keyPrefix: string;
  readonly maxRedirections: number;
  readonly retryDelayOnFailover: number;
  readonly retryDelayOnClusterDown: number;
  readonly clusterRetryStrategy: (times: number) => number;
  readonly redisOptions: Record<string, unknown>;
}

/** A Cluster client of the tier's own. */
export interface ClusterConnection extends Connection {
  nodes(role: 'master'): ClusterNode[];
}

/** One node as the Cluster client knows it. */
export interface ClusterNode extends Connection {
  readonly options: { readonly host?: string | undefined; readonly port?: number | undefined };
  duplicate(override?: Partial<ConnectionOptions>): Connection;
}
