import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { arch, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import postgres from 'postgres';
import type { Connection } from './connection.ts';
import { EmbeddedConnection } from './embedded/embedded-connection.ts';
import { sharedEngine } from './embedded/shared-engine.ts';
import { serverConnection } from './server/server-connection.ts';

// pnpm bench pg-semantic/src/database
// What a statement costs on its way to the embedded Postgres and back, and whether its owner's event loop feels an index build.
// DATABASE_URL adds a server.

const rounds = 3;
const count = 300;
const buildRows = 20_000;
const dimensions = 64;

const directory = mkdtempSync(join(tmpdir(), 'agent-cache-bench-'));
const owner = await sharedEngine(join(directory, 'data'));
const guest = await sharedEngine(join(directory, 'data'));
if (!owner.isOwner || guest.isOwner) throw new Error('the first should own the directory, and the second be its guest');
const owned = new EmbeddedConnection(owner, 600_000);
const shared = new EmbeddedConnection(guest, 600_000);

const floor = await PGlite.create();
// postgres.js takes the directory of a socket with this name.
const rivalWorker = new Worker(new URL('./test-socket-rival.ts', import.meta.url), {
  workerData: join(directory, '.s.PGSQL.5432'),
});
await once(rivalWorker, 'message');
const rival = postgres({ host: directory, username: 'postgres', database: 'postgres', max: 4, prepare: false });
const { DATABASE_URL } = process.env;
const server: Connection | undefined =
  DATABASE_URL === undefined
    ? undefined
    : serverConnection({ url: DATABASE_URL, statementTimeoutMs: 60_000, maxConnections: 4 });

const query = 'select $1::int + 1 as sum';
const contenders: Record<string, (n: number) => Promise<unknown>> = {
  'floor: PGlite on the caller’s thread': async (n) => (await floor.query<{ sum: number }>(query, [n])).rows[0]?.sum,
  'openPostgres, in the owner': async (n) => sumOf(await owned.query(query, [n], false)),
  'openPostgres, in a guest': async (n) => sumOf(await shared.query(query, [n], false)),
  'pglite-socket 0.2.17 + postgres.js': async (n) => sumOf(await rival.unsafe(query, [n])),
  ...(server && { 'a server, over TCP': async (n: number) => sumOf(await server.query(query, [n], false)) }),
};

function sumOf(rows: readonly unknown[]): unknown {
  return (rows[0] as { sum: number }).sum;
}

async function timesOf(run: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const at = performance.now();
    await run(n);
    times.push(performance.now() - at);
  }
  return times;
}

function quantile(times: readonly number[], share: number): string {
  const sorted = [...times].sort((one, two) => one - two);
  return (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(3);
}

for (const [name, run] of Object.entries(contenders)) {
  if ((await run(1)) !== 2) throw new Error(`${name} cannot add`);
}

console.log(`${cpus()[0]?.model} (${cpus().length} threads, ${arch()}), Node.js ${process.version}\n`);
const all = new Map<string, number[]>();
for (let round = 0; round < rounds; round += 1) {
  for (const [name, run] of Object.entries(contenders))
    all.set(name, [...(all.get(name) ?? []), ...(await timesOf(run))]);
}
for (const [name, times] of all) {
  const atOnce = await atOnceOf(name);
  console.log(
    `${name.padEnd(40)} p50 ${quantile(times, 0.5)} ms   p99 ${quantile(times, 0.99)} ms   at once: ${atOnce}`,
  );
}

/** How many a second when all are asked at once; or why not. */
async function atOnceOf(name: string): Promise<string> {
  const from = performance.now();
  try {
    const sums = await Promise.all(Array.from({ length: count }, (_, n) => contenders[name]?.(n)));
    if (sums.some((sum, n) => sum !== n + 1)) return 'crossed answers';
    return `${((count / (performance.now() - from)) * 1_000).toFixed(0)}/s`;
  } catch (error) {
    return `fails: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function stallDuring(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99.9) / 1e6;
}

await owned.script(`create table built (id int, v vector(${dimensions}))`);
await owned.query(
  `insert into built select n, array(select sin(n * 7919.0 + d * (n % 97 + 1)) from generate_series(1, ${dimensions}) d)::vector
   from generate_series(1, $1::int) n`,
  [buildRows],
  false,
);
const builtFrom = performance.now();
const busy = await stallDuring(() => owned.maintain('create index on built using hnsw (v vector_cosine_ops)'));
const buildMs = performance.now() - builtFrom;
const idle = await stallDuring(() => new Promise((resolve) => setTimeout(resolve, buildMs)));
console.log(
  `\nHNSW over ${buildRows} rows of ${dimensions} dimensions: ${(buildMs / 1_000).toFixed(1)} s; event loop p99.9 ${busy.toFixed(1)} ms, idle ${idle.toFixed(1)} ms`,
);
if (busy - idle > 50) throw new Error('the index build stalls the event loop');
console.log(
  `resident after all of it, three engines in one process: ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
);

await rival.end();
await rivalWorker.terminate();
await floor.close();
await server?.close();
await guest.close();
await owner.close();
rmSync(directory, { recursive: true });
