import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Entry } from '@agent-cache/core-tier';
import { LRUCache } from 'lru-cache';
import { type EvictionPolicyName, lruMem } from './index.ts';
import { seeded } from './test-traces.ts';

// Process CPU per operation, the median of interleaved rounds: other work on the machine and the order of the rivals cancel out.
const keyCount = 10_000;
const operations = 400_000;
const rounds = 15;
const later = Date.now() + 3_600_000;
const body = { id: 'chatcmpl-1', choices: [{ message: { role: 'assistant', content: 'x'.repeat(2_000) } }] };
const keys = Array.from(
  { length: keyCount },
  (_, index) => `ac1:default:tenant:llm:${String(index).padStart(64, '0')}`,
);
const entries: Entry[] = keys.map(() => ({ value: body, createdAt: Date.now() }));
const endingEntries: Entry[] = [];
const bare = 'lru-cache 11.5.3';
const withTtl = 'lru-cache 11.5.3, ttl';
const random = seeded(1);
const order = Uint16Array.from({ length: operations }, () => Math.floor(random() * keyCount));

interface Rival {
  readonly name: string;
  readonly get: (key: string) => unknown;
  /** the one it is compared with: the same job done by lru-cache */
  readonly against: string;
}

const policies: readonly EvictionPolicyName[] = ['lru', 'tinylfu', 'lfu', 'cost', 'fifo', 'random'];
/** One policy per process, as in a real one: six kinds of tier in one process make every call site slow. */
const policy = process.argv[2];

function rivals(): Rival[] {
  const map = new Map<string, Entry>();
  const plain = new LRUCache<string, Entry>({ max: keyCount });
  const timed = new LRUCache<string, Entry>({ max: keyCount, ttl: 3_600_000 });
  const endless = lruMem({ policy: policy as EvictionPolicyName, maxEntries: keyCount });
  const ending = lruMem({ policy: policy as EvictionPolicyName, maxEntries: keyCount });
  for (const [index, key] of keys.entries()) {
    const entry = entries[index];
    if (entry === undefined) continue;
    for (const store of [map, plain, timed, endless]) store.set(key, entry);
    const ended = { ...entry, expiresAt: later };
    endingEntries.push(ended);
    ending.set(key, ended);
  }
  return [
    { name: 'Map (floor)', get: (key) => map.get(key), against: bare },
    { name: bare, get: (key) => plain.get(key), against: bare },
    { name: `lruMem, ${policy}`, get: (key) => endless.get(key), against: bare },
    { name: withTtl, get: (key) => timed.get(key), against: withTtl },
    { name: `lruMem, ${policy}, entries with an end`, get: (key) => ending.get(key), against: withTtl },
  ];
}

function nsPerOperation({ name, get }: Rival): number {
  const wanted = name.endsWith('with an end') ? endingEntries : entries;
  let found = 0;
  const before = process.cpuUsage();
  for (const index of order) if (get(keys[index] ?? '') === wanted[index]) found += 1;
  const { user, system } = process.cpuUsage(before);
  if (found !== operations) throw new Error(`${name} answered ${operations - found} reads wrongly`);
  return ((user + system) * 1_000) / operations;
}

function compare(): void {
  const all = rivals();
  const times = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (let round = -2; round < rounds; round += 1) {
    for (const rival of all) {
      const ns = nsPerOperation(rival);
      if (round >= 0) times.get(rival.name)?.push(ns);
    }
  }
  const median = (name: string): number => times.get(name)?.sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN;
  const rows = all.map(({ name, against }) => ({
    name,
    'CPU ns': Math.round(median(name)),
    ratio: `${(median(name) / median(against)).toFixed(2)} × ${against}`,
  }));
  console.table(rows);
}

if (policy !== undefined) compare();
else {
  console.log(
    `get of an entry that is there; ${keyCount} keys of ${keys[0]?.length} characters, uniform; node ${process.version}`,
  );
  const flags = ['--conditions=@agent-cache/source', fileURLToPath(import.meta.url)];
  for (const each of policies) spawnSync(process.execPath, [...flags, each], { stdio: 'inherit' });
}
