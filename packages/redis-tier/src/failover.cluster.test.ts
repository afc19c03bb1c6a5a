import { setTimeout as delay } from 'node:timers/promises';
import { idOf, type RedisCluster, spawnCluster } from '@agent-cache/testkit/redis-cluster';
import type { OwnRedisServer } from '@agent-cache/testkit/redis-server';
import { rawCommand, until } from '@agent-cache/testkit/wire';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyLayout } from './key-layout.ts';
import { cacheOn, underLoad } from './test-soak.ts';
import type { SoakReport } from './test-soak-run.ts';

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await spawnCluster({ replicas: true });
}, 60_000);

afterAll(() => cluster?.stop());

function connect(): Cluster {
  const nodes = [...cluster.masters, ...cluster.replicas].map(({ port }) => ({ host: '127.0.0.1', port }));
  return new Cluster(nodes, { lazyConnect: true });
}

function print(what: string, { ms, answers, computations, errors, slowestMs }: SoakReport): void {
  process.stdout.write(`${what}: ${JSON.stringify({ ms, answers, computations, slowestMs, errors })}\n`);
}

test('slots that move under load bring no wrong answer', async () => {
  const caches = [0, 1, 2].map(() => cacheOn(connect(), 'moved'));
  const report = await underLoad({ seed: 1, caches, callers: 20 }, async () => {
    await delay(500);
    const slots = await slotsOf(['key:0', 'key:1', 'key:2', 'key:3']);
    for (const slot of slots) await move(slot);
    await delay(500);
  });
  print('cluster, slots of four keys and of the sequence moved', report);
  expect({ wrong: report.wrong, lost: report.lost }).toEqual({ wrong: [], lost: [] });
});

test('a master that is lost under load brings no wrong answer, and its replica takes over', async () => {
  const caches = [0, 1, 2].map(() => cacheOn(connect(), 'lost'));
  const [victim, heir] = [cluster.masters[1], cluster.replicas[1]] as [OwnRedisServer, OwnRedisServer];
  let outageMs = 0;
  const report = await underLoad({ seed: 2, caches, callers: 20 }, async () => {
    await delay(500);
    const killedAt = performance.now();
    await victim.kill();
    await until('the replica is master', async () => (await rawCommand(heir.port, 'ROLE')).includes('master'));
    outageMs = Math.round(performance.now() - killedAt);
    await delay(1_500);
  });
  print(`cluster, master lost, replica took over after ${outageMs} ms`, report);
  expect({ wrong: report.wrong, lost: report.lost }).toEqual({ wrong: [], lost: [] });
});

async function slotsOf(keys: readonly string[]): Promise<number[]> {
  const layout = keyLayout('moved');
  const names = [layout.authority, ...keys.map((key) => layout.value(`ac1:default::raw:${key}`))];
  const node = cluster.masters[0] as OwnRedisServer;
  const replies = await Promise.all(names.map((name) => rawCommand(node.port, 'CLUSTER', 'KEYSLOT', name)));
  return [...new Set(replies.map((reply) => Number(reply.slice(1))))];
}

/** As the tools do it: both sides are told, keys go over in batches, then everybody is told. */
async function move(slot: number): Promise<void> {
  const ids = await Promise.all(cluster.masters.map(({ port }) => idOf(port)));
  const from = await ownerOf(slot);
  const to = (from + 1) % cluster.masters.length;
  const [source, target] = [cluster.masters[from], cluster.masters[to]] as [OwnRedisServer, OwnRedisServer];
  const redis = new Redis(source.port);
  const cmd = (port: number, ...parts: string[]): Promise<string> => rawCommand(port, 'CLUSTER', 'SETSLOT', ...parts);
  await cmd(target.port, String(slot), 'IMPORTING', ids[from] ?? '');
  await cmd(source.port, String(slot), 'MIGRATING', ids[to] ?? '');
  for (;;) {
    const keys = (await redis.cluster('GETKEYSINSLOT', slot, 10)) as string[];
    if (keys.length === 0) break;
    await redis.migrate('127.0.0.1', target.port, '', 0, 1_000, 'KEYS', ...keys);
    await delay(20);
  }
  redis.disconnect();
  for (const { port } of [target, source, ...cluster.masters]) await cmd(port, String(slot), 'NODE', ids[to] ?? '');
}

async function ownerOf(slot: number): Promise<number> {
  const redis = new Redis(cluster.masters[0]?.port ?? 0);
  const shards = await redis.cluster('SLOTS');
  redis.disconnect();
  const port = shards.find(([first, last]) => first <= slot && slot <= last)?.[2]?.[1];
  return cluster.masters.findIndex((master) => master.port === port);
}
