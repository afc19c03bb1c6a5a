import { expect, test } from 'vitest';
import { soak } from './test-soak.ts';

const ms = Number(process.env.SOAK_MS ?? 12_000);
const seed = Number(process.env.SOAK_SEED ?? 20_260_731);

test(`for ${ms / 1_000} s of random faults under load no answer is wrong and none is lost`, {
  timeout: ms + 60_000,
}, async () => {
  const { wrong, lost, ...figures } = await soak({ seed, ms });
  process.stdout.write(`soak: ${JSON.stringify({ ...figures, wrong: wrong.length, lost: lost.length })}\n`);
  expect({ seed, wrong: wrong.slice(0, 20), lost: lost.slice(0, 20) }).toEqual({ seed, wrong: [], lost: [] });
  expect(figures.answers).toBeGreaterThan(ms / 20);
});
