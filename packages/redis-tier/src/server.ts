import type { Argument, Connection } from './client.ts';
import { RedisTierError } from './errors.ts';
import type { Script } from './scripts/script.ts';
import type { ServerTime } from './server-time.ts';

/** How the rest of the tier reaches the data: one server, or a Cluster. */
export interface Server {
  /** the run id of the server as the sequence of invalidations remembers it; "" in Cluster, where scripts look it up themselves */
  readonly runId: string;
  readonly isCluster: boolean;
  readonly time: ServerTime;
  /** @throws RedisTierError ERR_REDIS_TIER_DOWN at once while there is no connection: nothing is queued */
  run(command: string, args: Argument[]): Promise<unknown>;
  /** Every server that holds keys, for maintenance. */
  nodes(): readonly Pick<Connection, 'callBuffer'>[];
  /** Resolves as soon as commands can be sent. */
  ready(): Promise<void>;
  close(): void;
}

/** Runs a script by its name, and by its text when the server does not know it (a restart, a failover, SCRIPT FLUSH). */
export async function evaluate(
  server: Pick<Server, 'run'>,
  { sha1, text }: Script,
  keys: readonly Argument[],
  args: readonly Argument[],
): Promise<unknown> {
  try {
    return await server.run('evalsha', [sha1, keys.length, ...keys, ...args]);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return server.run('eval', [text, keys.length, ...keys, ...args]);
  }
}

/** What a server that does not tell its run id is called. */
export const unknownRun = 'unknown';

/** Every start of a server has its own; a failover leads to another one. */
export async function runIdOf(run: Server['run']): Promise<string> {
  try {
    return /run_id:([0-9a-f]+)/.exec(String(await run('info', ['server'])))?.[1] ?? unknownRun;
  } catch (error) {
    // Not allowed to this user: a failover is then noticed only by what it lost.
    if (error instanceof Error && error.message.startsWith('NOPERM')) return unknownRun;
    throw error;
  }
}

/** Grows to two seconds: an outage must not cost more than a few connection attempts. */
export function retryDelayMs(times: number): number {
  return Math.min(2_000, 25 * 2 ** Math.min(times, 8));
}

/** After a failover the connection may still lead to what is now a replica: a new one does not. */
export function isReadOnly(error: Error): boolean {
  return error.message.includes('READONLY');
}

export function closedError(name: string): RedisTierError {
  return new RedisTierError('ERR_REDIS_TIER_CLOSED', `tier "${name}" was closed; make a new one to go on`);
}

export function downError(name: string): RedisTierError {
  return new RedisTierError(
    'ERR_REDIS_TIER_DOWN',
    `tier "${name}" has no connection to its server and tries to get one; check that the server runs and can be reached`,
  );
}
