import type { Entry, Lease } from '@agent-cache/core-tier';
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
  | { readonly do: 'write-on'; readonly count: number };

let tier: SqliteTier;

function tell(message: unknown): void {
  process.send?.(message);
}

function entry(value: unknown): Entry {
  return { value, createdAt: Date.now() };
}

async function writeOn(count: number): Promise<void> {
  const writes = Array.from({ length: count }, async (_, index) => {
    await tier.set(`key:${index}`, entry({ index, padding: 'x'.repeat(2_000) }));
    tell({ acknowledged: index });
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
