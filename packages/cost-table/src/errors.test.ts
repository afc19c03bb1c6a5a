import { expect, test } from 'vitest';
import { InvalidPriceError, InvalidUsageError, PriceFileError } from './errors.ts';

test('each error is known by its marker, so two installed copies agree', () => {
  const usage = new InvalidUsageError('inputTokens', -1, 'must be a whole number');
  const price = new InvalidPriceError('input', {}, 'must be a number');
  const file = new PriceFileError('prices.json', 'it is no JSON', { cause: price });
  expect([usage, price, file].map((error) => InvalidUsageError.isInstance(error))).toEqual([true, false, false]);
  expect([usage, price, file].map((error) => InvalidPriceError.isInstance(error))).toEqual([false, true, false]);
  expect([usage, price, file].map((error) => PriceFileError.isInstance(error))).toEqual([false, false, true]);
  expect(PriceFileError.isInstance({ [Symbol.for('agent-cache.cost-table.PriceFileError')]: true })).toBe(true);
  expect(InvalidUsageError.isInstance(undefined)).toBe(false);
  expect(file.cause).toBe(price);
});

test('a message says what failed, on what, and what to do', () => {
  expect(new InvalidUsageError('cacheWriteTokens.1h', 1.5, 'must be a whole number of at least 0').message).toBe(
    'Cannot price this usage: cacheWriteTokens.1h is 1.5: must be a whole number of at least 0. Correct the count, or build the usage with usageFrom.',
  );
});
