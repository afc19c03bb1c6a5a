import { expect, test } from 'vitest';
import { askTen } from './warm-fan-out.ts';

test('ten agents at once write their handbook ten times, and once behind a warming request', async () => {
  const alone = await askTen({ warmed: false });
  const warmed = await askTen({ warmed: true });
  expect([alone.writes, warmed.writes]).toEqual([10, 1]);
  expect(warmed.usd).toBeLessThan(alone.usd / 3);
});
