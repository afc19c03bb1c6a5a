import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Entry } from '@agent-cache/core-tier';
import { seeded } from '@agent-cache/testkit/random';
import { LRUCache } from 'lru-cache';
import { type EvictionPolicyName, lruMem } from './index.ts';

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
const entries: Entry[] = keys.map(() => ({
  value: body,
  createdAt: Date.now(),
  ...(process.argv[3] === 'ends' && { expiresAt: later }),
}));
const random = seeded(1);
const order = Uint16Array.from({ length: operations }, () => Math.floor(random() * keyCount));

interface Rival {
  readonly name: string;
  readonly get: (key: string) => unknown;
}

const policies: readonly EvictionPolicyName[] = ['lru', 'tinylfu', 'lfu', 'cost', 'fifo', 'random'];
/** One tier per process, as in a real one: several kinds of tier in one process make every call site slow. */
const [policy, end] = process.argv.slice(2);

/** The floor, lru-cache doing the same job, and the tier. */
function rivals(): readonly [Rival, Rival, Rival] {
  const map = new Map<string, Entry>();
  const cache = new LRUCache<string, Entry>({ max: keyCount, ...(end === 'ends' && { ttl: 3_600_000 }) });
  const tier = lruMem({ policy: policy as EvictionPolicyName, maxEntries: keyCount });
  for (const [index, key] of keys.entries()) {
    const entry = entries[index];
    if (entry !== undefined) for (const store of [map, cache, tier]) store.set(key, entry);
  }
  const job = end === 'ends' ? ', entries with an end' : '';
  return [
    { name: 'Map', get: (key) => map.get(key) },
    { name: `lru-cache 11.5.3${job}`, get: (key) => cache.get(key) },
    { name: `lruMem ${policy}${job}`, get: (key) => tier.get(key) },
  ];
}

function nsPerOperation({ name, get }: Rival): number {
  let found = 0;
  const before = process.cpuUsage();
  for (const index of order) if (get(keys[index] ?? '') === entries[index]) found += 1;
  const { user, system } = process.cpuUsage(before);
  if (found !== operations) throw new Error(`${name} answered ${operations - found} reads wrongly`);
  return ((user + system) * 1_000) / operations;
}

function compare(): void {
  const all = rivals();
  const times = all.map(() => [] as number[]);
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, rival] of all.entries()) {
      const ns = nsPerOperation(rival);
      if (round >= 0) times[index]?.push(ns);
    }
  }
  const [floor, rival, tier] = times.map((list) => list.sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN);
  const columns = [floor, rival, tier].map((ns) => `${Math.round(ns ?? 0)}`.padStart(6));
  console.log(`${all[2].name.padEnd(40)} ${columns.join(' ')}   ${((tier ?? 0) / (rival ?? 1)).toFixed(2)}`);
}

if (policy !== undefined) compare();
else {
  console.log(
    `get of an entry that is there; ${keyCount} keys of ${keys[0]?.length} characters, uniform; node ${process.version}`,
  );
  const flags = ['--conditions=@agent-cache/source', fileURLToPath(import.meta.url)];
  console.log(`${'CPU ns per hit'.padEnd(40)}    Map lru-c.   tier   tier / lru-cache`);
  for (const each of policies) {
    for (const ends of ['endless', 'ends']) spawnSync(process.execPath, [...flags, each, ends], { stdio: 'inherit' });
  }
}
