import { type OwnRedisServer, spawnRedis } from './redis-server.ts';
import { rawCommand, until } from './wire.ts';

/** Three masters on loopback that share all slots, optionally with one replica each. */
export interface RedisCluster {
  readonly masters: readonly OwnRedisServer[];
  readonly replicas: readonly OwnRedisServer[];
  readonly startMs: number;
  stop(): Promise<void>;
}

const slots = 16_384;
const count = 3;

/** Starts a Cluster without any tool but the server itself. */
export async function spawnCluster({
  replicas: withReplicas = false,
}: {
  readonly replicas?: boolean;
} = {}): Promise<RedisCluster> {
  const startedAt = performance.now();
  const start = (): Promise<OwnRedisServer> =>
    spawnRedis({
      forCluster: true,
      args: [
        '--cluster-enabled',
        'yes',
        '--cluster-node-timeout',
        '1000',
        '--cluster-require-full-coverage',
        'no',
      ].concat(['--repl-diskless-sync-delay', '0', '--cluster-replica-validity-factor', '0']),
    });
  const nodes = await Promise.all(Array.from({ length: withReplicas ? count * 2 : count }, start));
  const masters = nodes.slice(0, count);
  const replicas = nodes.slice(count);
  await Promise.all(
    masters.map(async ({ port }, index) => {
      const [from, to] = [Math.floor((index * slots) / count), Math.floor(((index + 1) * slots) / count) - 1];
      await rawCommand(port, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
      await rawCommand(port, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    }),
  );
  for (const { port } of nodes) {
    for (const other of nodes)
      if (other.port !== port) await rawCommand(port, 'CLUSTER', 'MEET', '127.0.0.1', String(other.port));
  }
  await Promise.all(
    nodes.map(({ port }) => until('all nodes know each other', async () => (await known(port)) === nodes.length)),
  );
  await Promise.all(
    replicas.map(async ({ port }, index) => {
      const id = await idOf(masters[index]?.port ?? 0);
      await until('the replica accepts its master', async () =>
        (await rawCommand(port, 'CLUSTER', 'REPLICATE', id)).startsWith('+OK'),
      );
      await until('the replica is in sync', async () =>
        (await rawCommand(port, 'INFO', 'replication')).includes('master_link_status:up'),
      );
    }),
  );
  await Promise.all(nodes.map(({ port }) => until('the cluster is ready', () => isReady(port))));
  return {
    masters,
    replicas,
    startMs: performance.now() - startedAt,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

/** The node's own name in the Cluster. */
export async function idOf(port: number): Promise<string> {
  return (await rawCommand(port, 'CLUSTER', 'MYID')).split('\r\n')[1] ?? '';
}

async function known(port: number): Promise<number> {
  const info = await rawCommand(port, 'CLUSTER', 'INFO');
  return Number(/cluster_known_nodes:(\d+)/.exec(info)?.[1]);
}

async function isReady(port: number): Promise<boolean> {
  const info = await rawCommand(port, 'CLUSTER', 'INFO');
  return info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${slots}`);
}
