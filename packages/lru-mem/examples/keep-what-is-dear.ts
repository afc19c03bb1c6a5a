// A small memory under a stream of answers: least recently used against dear to compute, on the same trace. Prints what each had to pay.
import { type EvictionPolicyName, lruMem } from '@agent-cache/lru-mem';

// Ten questions in a hundred are long analyses at 2 cents, the others one-liners at a hundredth of that; both are asked again and again.
const questions = Array.from({ length: 2_000 }, (_, turn) => {
  const id = (turn * turn * 31 + turn) % 100;
  return { key: `question:${id}`, picoUsd: id < 10 ? 20_000_000_000n : 200_000_000n };
});

function spentUsd(policy: EvictionPolicyName): number {
  const memory = lruMem({ policy, maxEntries: 20 });
  let picoUsd = 0n;
  for (const question of questions) {
    if (memory.get(question.key) !== undefined) continue;
    picoUsd += question.picoUsd;
    memory.set(question.key, { value: 'the answer', createdAt: Date.now(), cost: { picoUsd: question.picoUsd } });
  }
  return Number(picoUsd) / 1e12;
}

for (const policy of ['lru', 'tinylfu', 'cost'] as const) {
  console.log(`${policy.padEnd(8)} $${spentUsd(policy).toFixed(2)}`);
}
