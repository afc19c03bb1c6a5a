import type { Claim, Entry, Lease } from '@agent-cache/core-tier';
import { type SqliteTier, sqliteTier } from './index.ts';

/** What the child process of a test can be asked; every answer is sent back with the id of its question. */
export type Question =
  | { readonly do: 'open'; readonly file: string }
  | { readonly do: 'set'; readonly key: string; readonly value: unknown }
  | { readonly do: 'get'; readonly key: string }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'bump'; readonly tags: readonly string[] }
  | { readonly do: 'listen' }
  | { readonly do: 'claim'; readonly key: string; readonly leaseMs: number }
  | { readonly do: 'crowd'; readonly keys: readonly string[]; readonly callers: number }
  | { readonly do: 'write-on'; readonly count: number };

let tier: SqliteTier;

function tell(message: unknown): void {
  process.send?.(message);
}

function entry(value: unknown): Entry {
  return { value, createdAt: Date.now() };
}

/** What a stack does: claim, compute and commit, or wait and claim again. */
async function getOrSet(key: string, compute: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    const claim: Claim = await tier.claim(key, { leaseMs: 5_000 });
    if (claim.state === 'hit') return claim.entry.value;
    if (claim.state === 'lease') {
      const value = await compute();
      await claim.lease.commit({ ...entry(value), epoch: claim.epoch });
      return value;
    }
    const settled = await claim.settled;
    if (settled !== undefined) return settled.value;
  }
}

async function crowd(keys: readonly string[], callers: number): Promise<{ computed: number; answers: number }> {
  let computed = 0;
  const compute = async (key: string): Promise<unknown> => {
    computed += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return `value of ${key}`;
  };
  const calls = Array.from({ length: callers }, (_, index) => keys[index % keys.length] ?? '').map(async (key) => {
    const value = await getOrSet(key, () => compute(key));
    return value === `value of ${key}`;
  });
  const answers = await Promise.all(calls);
  return { computed, answers: answers.filter(Boolean).length };
}

async function writeOn(count: number): Promise<void> {
  const writes = Array.from({ length: count }, async (_, index) => {
    await tier.set(`key:${index}`, entry({ index, padding: 'x'.repeat(2_000) }));
    tell({ acknowledged: index });
    // A batch at a time, so that the process can be killed between the first and the last.
  });
  await Promise.all(writes);
}

const leases: Lease[] = [];

async function answer(question: Question): Promise<unknown> {
  switch (question.do) {
    case 'open':
      tier = sqliteTier({ file: question.file });
      await tier.get('any');
      return true;
    case 'set':
      return tier.set(question.key, entry(question.value));
    case 'get':
      return (await tier.get(question.key))?.value;
    case 'delete':
      return tier.delete(question.key);
    case 'bump':
      return tier.tags.bump(question.tags);
    case 'listen':
      tier.onChange((change) => tell({ change }));
      await tier.get('any');
      return true;
    case 'claim': {
      const claim = await tier.claim(question.key, { leaseMs: question.leaseMs });
      if (claim.state === 'lease') leases.push(claim.lease);
      return claim.state;
    }
    case 'crowd':
      return crowd(question.keys, question.callers);
    case 'write-on':
      return writeOn(question.count);
  }
}

process.on('message', ({ id, question }: { id: number; question: Question }) => {
  answer(question).then(
    (result) => tell({ id, result }),
    (error: unknown) => tell({ id, error: String(error) }),
  );
});
