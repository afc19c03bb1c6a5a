// Two processes want the same answer at the same time; it is computed once.
//   node --conditions=@agent-cache/source examples/two-processes.ts
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { sqliteTier } from '@agent-cache/sqlite-tier';

async function ask(file: string): Promise<void> {
  // Asking twice would cost more than waiting for a file that has just been opened on a busy machine.
  const cache = createCache({ tiers: [lruMem(), sqliteTier({ file })], deadlines: { hardMs: 5_000 } });
  let computed = 0;
  const answer = await cache.getOrSet('question', async () => {
    computed += 1;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return '42';
  });
  process.send?.({ answer, computed });
  await cache.close();
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'two-processes-'));
  const children = [1, 2].map(() => fork(fileURLToPath(import.meta.url), [join(directory, 'cache.db')]));
  const results = await Promise.all(
    children.map(async (child) => (await once(child, 'message'))[0] as { answer: string; computed: number }),
  );
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
  console.log(`answers: ${results.map(({ answer }) => answer).join(', ')}`);
  console.log(`computed: ${results.reduce((sum, { computed }) => sum + computed, 0)}`);
  rmSync(directory, { recursive: true });
}

const file = process.argv[2];
await (file === undefined ? main() : ask(file));
