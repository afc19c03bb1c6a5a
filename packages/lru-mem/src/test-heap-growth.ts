// Run as a program with --expose-gc: fills a tier with one kind of value and prints how much the heap grew and what the tier believes.
import { type LruMemOptions, lruMem } from './index.ts';

const [kind = 'nothing', policy = 'lru', count = '20000'] = process.argv.slice(2);
const shared = 'a string that all entries share, '.repeat(30);
const makers: Record<string, (index: number) => unknown> = {
  nothing: () => 0,
  text: (index) => `${'answer '.repeat(100)}${index}`.split('').join(''),
  unicode: (index) => `${'答え '.repeat(100)}${index}`.split('').join(''),
  bytes: () => new Uint8Array(2_000),
  json: (index) =>
    JSON.parse(
      JSON.stringify({
        id: index,
        choices: [{ message: { role: 'assistant', content: `${index}x`.repeat(40) } }],
        usage: { total: 1.5 },
      }),
    ),
  vector: (index) => Array.from({ length: 256 }, (_, at) => index + at / 7),
  shared: () => shared,
};

const heap = (): number => {
  const { gc } = globalThis as { gc?: () => void };
  for (let round = 0; round < 4; round += 1) gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const make = makers[kind] ?? makers['nothing'];
const options: LruMemOptions = { policy: policy as 'lru', maxEntries: 1_000_000, maxBytes: 4e9 };
const warm = lruMem(options);
const put = (tier: typeof warm, index: number): boolean =>
  tier.set(`ac1:default:tenant:llm:${String(index).padStart(64, '0')}`, {
    value: make?.(index),
    createdAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
  });
for (let index = 0; index < 2_000; index += 1) put(warm, index);
warm.clear();
const before = heap();
const tier = lruMem(options);
for (let index = 0; index < Number(count); index += 1) put(tier, index);
const grown = heap() - before;
process.stdout.write(JSON.stringify({ grown, ...tier.stats() }));
