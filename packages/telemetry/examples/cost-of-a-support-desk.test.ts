import { expect, test } from 'vitest';
import { costOfSupportDesk } from './cost-of-a-support-desk.ts';

test('two of four questions are asked again, and are free the second time', async () => {
  const report = await costOfSupportDesk();
  expect(report).toMatchObject({ requests: 4, hits: 2, misses: 2, stores: { stored: 2 } });
  expect(report.money).toMatchObject({ spentPicoUsd: 6_000_000_000n, savedPicoUsd: 6_000_000_000n });
  expect(`${report}`).toContain('answered by memory');
});
