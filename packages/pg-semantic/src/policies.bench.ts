/** What a policy costs per lookup and per label, eight candidates each, in process CPU time. */

import { seeded } from '@agent-cache/testkit/random';
import { calibrated } from './policy/calibrated.ts';
import { fixedThreshold } from './policy/fixed-threshold.ts';
import { verified } from './policy/verified.ts';
import type { Candidate, Label, Sight } from './policy.ts';

const random = seeded(1);
const words =
  'reset password account bill pay phone order ship cancel plan weather table flight seat refund invoice card limit'.split(
    ' ',
  );
const wording = () =>
  `how do I ${Array.from({ length: 5 }, () => words[Math.floor(random() * words.length)]).join(' ')}`;
const stored = Array.from({ length: 1_000 }, (_, i) => ({
  promptId: `p${i}`,
  answerId: `a${i % 150}`,
  text: wording(),
}));
const sights: Sight[] = Array.from({ length: 2_000 }, () => {
  const candidates: Candidate[] = Array.from({ length: 8 }, (_, i) => ({
    ...stored[Math.floor(random() * stored.length)]!,
    similarity: 0.97 - i * 0.03 * random(),
  }));
  return { text: wording(), candidates };
});

console.log('microseconds (median of 5 rounds)      decide   observe, refits included');
for (const policy of [fixedThreshold(0.9), verified(), calibrated()]) {
  const rounds = Array.from({ length: 5 }, () => {
    const model = policy.model({ embedder: 'universal-sentence-encoder-lite@0.2.0', random });
    const asked = sights.map((sight) => ({ ...sight, text: `${sight.text} ${random()}` })); // never read before
    const decisions: ReturnType<typeof model.decide>[] = [];
    const decide = cpuOf(() => {
      for (const sight of asked) decisions.push(model.decide(sight));
    });
    const labels: Label[] = [...decisions, ...decisions, ...decisions].flatMap(({ candidate, features }, at) =>
      candidate === undefined
        ? []
        : [{ ...candidate, features, right: random() < candidate.similarity, source: 'miss', at }],
    );
    const observe = cpuOf(() => {
      for (const label of labels) model.observe(label);
    });
    return { decide: decide / sights.length, observe: observe / labels.length };
  });
  const median = (of: 'decide' | 'observe') =>
    rounds
      .map((round) => round[of])
      .sort((a, b) => a - b)[2]!
      .toFixed(1);
  console.log(`${policy.name.padEnd(36)}${median('decide').padStart(9)}${median('observe').padStart(10)}`);
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
