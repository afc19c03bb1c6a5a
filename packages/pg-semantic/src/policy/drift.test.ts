import { seeded } from '@agent-cache/testkit/random';
import { describe, expect, it } from 'vitest';
import type { WrongHitEstimate } from '../policy.ts';
import { calibrated } from './calibrated.ts';
import { simulate, streamOf } from './test-simulation.ts';

const embedder = 'universal-sentence-encoder-lite@0.2.0';
const groups = 60;

/** Letters only: numbers would be for the guards. */
const wordOf = (kind: number, which: number) =>
  [
    'w',
    String.fromCharCode(97 + (kind % 26)),
    String.fromCharCode(97 + Math.floor(kind / 26)),
    'aeioubdfghkl'[which],
    'n',
  ].join('');

/** Questions of 60 kinds: each kind a direction with noise around it, and words of its own. */
function world(count: number, seed: number) {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const centres = Array.from({ length: groups }, () => Float32Array.from({ length: 32 }, normal));
  const asked = Array.from({ length: count }, () => {
    const kind = Math.floor(random() * groups);
    const said = Array.from({ length: 3 }, () => wordOf(kind, Math.floor(random() * 12)));
    return { group: `kind ${kind}`, text: said.join(' ') };
  });
  const vectors = asked.map(({ group }) => {
    const noise = 0.4 + 0.9 * random();
    const noisy = Float32Array.from(centres[Number(group.slice(5))] ?? [], (value) => value + noise * normal());
    const length = Math.hypot(...noisy);
    return noisy.map((value) => value / length);
  });
  return streamOf(asked, vectors);
}

describe('answers that change without a word', () => {
  // The first seeds, none left out. The estimate rests on fewer labels than the breaker: it follows a little later in some worlds.
  it.each([1, 2])(
    'move the breaker within 200 requests and the estimate soon, and it closes again (seed %d)',
    (seed) => {
      const stream = world(2_400, seed);
      const seen: WrongHitEstimate[] = [];
      const run = simulate(calibrated(), stream, {
        embedder,
        seed,
        answerAt: (group, at) => (at >= 1_200 && /^kind [1-6]$/.test(group) ? `${group}, changed` : group),
        onStep: (_, model) => seen.push(model.estimate()),
      });
      const before = seen[1_199]?.rate ?? Number.NaN;
      expect(seen.slice(0, 1_200).filter(({ breaker }) => breaker === 'closed').length).toBeGreaterThan(1_100);
      expect(Math.max(...seen.slice(1_200, 1_450).map(({ rate }) => rate))).toBeGreaterThan(before + 0.01);
      expect(seen.slice(1_200, 1_400).some(({ breaker }) => breaker !== 'closed')).toBe(true);
      expect(seen.at(-1)?.breaker).toBe('closed');
      const late = run.served.filter(({ at }) => at >= 1_800);
      expect(late.length).toBeGreaterThan(100);
      expect(late.filter(({ wrong }) => wrong).length / late.length).toBeLessThan(0.02);
    },
  );
});

describe('calibrated() in a world of its own', () => {
  it.each([0, 0.05])('keeps its bound when the share of wrong labels is %d', (flipped) => {
    const run = simulate(calibrated(), world(1_200, 6), { embedder, seed: 6, flipped });
    const wrong = run.served.filter((hit) => hit.wrong).length;
    expect(wrong / Math.max(run.served.length, 1)).toBeLessThanOrEqual(0.02);
    if (flipped === 0) expect(run.served.length).toBeGreaterThan(300);
  });
});
