import { expect, test } from 'vitest';
import { priceCheck } from './price-check.ts';

test('a known model has a price, an unknown one has none', async () => {
  expect(await priceCheck('gpt-4o')).toMatchObject({ id: 'gpt-4o', input: 2.5 });
  expect(await priceCheck('gpt-4o-from-another-world')).toBeUndefined();
});
