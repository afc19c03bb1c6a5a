import { mkdtempSync, rmSync } from 'node:fs';
import { arch, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { deserialize, serialize } from 'node:v8';
import { sqliteTier } from './index.ts';

// pnpm exec node --conditions=@agent-cache/source packages/sqlite-tier/src/sqlite-tier.bench.ts
// The floor is the same SQLite used synchronously on the main thread: what the thread of its own costs, and what it gives.

const directory = mkdtempSync(join(tmpdir(), 'sqlite-tier-bench-'));
const count = 2_000;
const rounds = 5;
const value = { format: 'openai-chat', status: 200, body: new Uint8Array(2_000).fill(65), cuts: [1_000, 2_000] };
const keys = Array.from({ length: count }, (_, index) => `ac1:bench:tenant:llm:${String(index).padStart(64, '0')}`);
const entry = { value, createdAt: Date.now(), expiresAt: Date.now() + 3_600_000 };

const tier = sqliteTier({ file: join(directory, 'tier.db') });
const floor = new DatabaseSync(join(directory, 'floor.db'));
floor.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE entries (key TEXT PRIMARY KEY, data BLOB)',
);
const put = floor.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?)');
const take = floor.prepare('SELECT data FROM entries WHERE key = ?');

interface Sample {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly perSecond: number;
  readonly mainCpuUs: number;
}

const contenders: Record<string, (key: string) => unknown> = {
  'tier.set, one after the other': (key) => tier.set(key, entry),
  'tier.get, one after the other': (key) => tier.get(key),
  'floor: synchronous INSERT': (key) => put.run(key, serialize(entry)),
  'floor: synchronous SELECT': (key) => deserialize((take.get(key) as { data: Uint8Array }).data),
};

async function oneByOne(work: (key: string) => unknown): Promise<Sample> {
  const times: number[] = [];
  const cpu = process.threadCpuUsage?.() ?? process.cpuUsage();
  const startedAt = performance.now();
  for (const key of keys) {
    const at = performance.now();
    await work(key);
    times.push((performance.now() - at) * 1_000);
  }
  return sampleOf(times, startedAt, cpu);
}

function sampleOf(times: number[], startedAt: number, since: NodeJS.CpuUsage): Sample {
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = process.threadCpuUsage?.(since) ?? process.cpuUsage(since);
  times.sort((one, two) => one - two);
  return {
    p50Us: times[Math.floor(times.length * 0.5)] ?? Number.NaN,
    p99Us: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
    perSecond: count / seconds,
    mainCpuUs: (cpu.user + cpu.system) / count,
  };
}

async function together(work: (key: string) => Promise<unknown>): Promise<Sample> {
  const cpu = process.threadCpuUsage?.() ?? process.cpuUsage();
  const startedAt = performance.now();
  const times: number[] = [];
  for (let from = 0; from < count; from += 200) {
    const at = performance.now();
    await Promise.all(keys.slice(from, from + 200).map(work));
    times.push((performance.now() - at) * 1_000);
  }
  return sampleOf(times, startedAt, cpu);
}

function median(samples: readonly Sample[], of: keyof Sample): number {
  const sorted = samples.map((sample) => sample[of]).sort((one, two) => one - two);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

for (const key of keys) put.run(key, serialize(entry));
await tier.get('open');
const empty = tier.stats();
await Promise.all(keys.map((key) => tier.set(key, entry)));
const filled = tier.stats();
for (const key of keys.slice(0, 50)) {
  const found = await tier.get(key);
  if (JSON.stringify(found) !== JSON.stringify(deserialize((take.get(key) as { data: Uint8Array }).data))) {
    throw new Error('the contenders disagree');
  }
}

const results = new Map<string, Sample[]>();
const add = (name: string, sample: Sample): void => void results.set(name, [...(results.get(name) ?? []), sample]);
for (let round = 0; round < rounds; round += 1) {
  for (const [name, work] of Object.entries(contenders)) add(name, await oneByOne(work));
  add('tier.set, 200 at once', await together((key) => tier.set(key, entry)));
  add('tier.get, 200 at once', await together((key) => tier.get(key)));
}

console.log(
  `Node.js ${process.version}, ${cpus()[0]?.model} (${cpus().length} x ${arch()}), values of 2 KB, medians of ${rounds} rounds`,
);
console.table(
  Object.fromEntries(
    [...results].map(([name, samples]) => {
      const at = (of: keyof Sample): number => Math.round(median(samples, of));
      return [
        name,
        {
          'p50 µs': at('p50Us'),
          'p99 µs': at('p99Us'),
          'per second': at('perSecond'),
          'main thread CPU µs': at('mainCpuUs'),
        },
      ];
    }),
  ),
);

const perEntry = Math.round((filled.bytes - empty.bytes) / filled.entries);
console.log(
  `${perEntry} bytes of file per entry of ${serialize(entry).byteLength} bytes and a key of ${keys[0]?.length}`,
);

const stop = tier.onChange(() => undefined);
const seconds = 5;
await tier.get('warm');
const idleSince = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
const idle = process.cpuUsage(idleSince);
console.log(`idle with a listener: ${((idle.user + idle.system) / 1e4 / seconds).toFixed(2)} % of one core`);
stop();
await tier.close();
floor.close();
rmSync(directory, { recursive: true, force: true });
