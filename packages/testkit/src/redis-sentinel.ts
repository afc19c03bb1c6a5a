import { type OwnRedisServer, spawnRedis } from './redis-server.ts';
import { rawCommand, until } from './wire.ts';

/** A master and its replica, watched by three Sentinels. */
export interface SentinelSet {
  readonly name: string;
  readonly master: OwnRedisServer;
  readonly replica: OwnRedisServer;
  readonly sentinels: readonly OwnRedisServer[];
  readonly startMs: number;
  stop(): Promise<void>;
}

const quorum = 2;

/** Starts the set and waits until its parts know each other. */
export async function spawnSentinels(name = 'mymaster'): Promise<SentinelSet> {
  const startedAt = performance.now();
  const quick = ['--repl-diskless-sync-delay', '0'];
  const master = await spawnRedis({ args: quick });
  const replica = await spawnRedis({ args: ['--replicaof', '127.0.0.1', String(master.port), ...quick] });
  await until('the replica is in sync', async () =>
    (await rawCommand(replica.port, 'INFO', 'replication')).includes('master_link_status:up'),
  );
  const config = [
    `sentinel monitor ${name} 127.0.0.1 ${master.port} ${quorum}`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 3000`,
  ];
  const sentinels = await Promise.all([0, 1, 2].map(() => spawnRedis({ sentinel: true, config })));
  await Promise.all(
    sentinels.map(({ port }) =>
      until('the Sentinels know each other', async () =>
        (await rawCommand(port, 'INFO', 'sentinel')).includes('slaves=1,sentinels=3'),
      ),
    ),
  );
  return {
    name,
    master,
    replica,
    sentinels,
    startMs: performance.now() - startedAt,
    stop: async () => void (await Promise.all([...sentinels, replica, master].map((server) => server.stop()))),
  };
}
