import { channels, type ErrorMessage } from '@agent-cache/core-tier';
import { expect, onTestFinished, test } from 'vitest';
import { createPricer, type PriceCall } from './pricer.ts';

const usage = { inputTokens: 3, outputTokens: 0 };
const byToken: PriceCall = (_model, { inputTokens }) => BigInt(inputTokens);

test('without a table and own prices every call is unpriced, and nothing is loaded', () => {
  let loads = 0;
  const pricer = createPricer({ table: false }, async () => {
    loads++;
    return byToken;
  });
  const prices: (bigint | undefined)[] = [];
  pricer.quote('m', usage, undefined, (picoUsd) => prices.push(picoUsd));
  expect([prices, loads]).toEqual([[undefined], 0]);
});

test('the table is loaded once, when the first price is needed, and then answers what waited in order', async () => {
  let loads = 0;
  const pricer = createPricer({}, async () => {
    loads++;
    return byToken;
  });
  expect(loads).toBe(0);
  const prices: (bigint | undefined)[] = [];
  pricer.quote('m', usage, undefined, (picoUsd) => prices.push(picoUsd));
  pricer.quote('m', { inputTokens: 4, outputTokens: 0 }, undefined, (picoUsd) => prices.push(picoUsd));
  expect([prices, pricer.waiting]).toEqual([[], 2]);
  await pricer.settled();
  expect([prices, pricer.waiting, loads]).toEqual([[3n, 4n], 0, 1]);
});

test('no more than 10,000 calls wait for the table; the rest stay unpriced', () => {
  const pricer = createPricer({}, () => Promise.withResolvers<PriceCall>().promise);
  let unpriced = 0;
  for (let call = 0; call < 10_003; call++)
    pricer.quote('m', usage, undefined, (picoUsd) => {
      if (picoUsd === undefined) unpriced++;
    });
  expect(unpriced).toBe(3);
});

test('a table that cannot be loaded leaves calls unpriced, and says so on the error channel', async () => {
  const errors: ErrorMessage[] = [];
  const onError = (message: ErrorMessage): void => void errors.push(message);
  channels.error.subscribe(onError);
  onTestFinished(() => channels.error.unsubscribe(onError));
  const pricer = createPricer({}, () => Promise.reject(new Error('not bundled')));
  const prices: (bigint | undefined)[] = [];
  pricer.quote('m', usage, undefined, (picoUsd) => prices.push(picoUsd));
  await pricer.settled();
  expect(prices).toEqual([undefined]);
  expect(errors.map(({ code }) => code)).toEqual(['ERR_TELEMETRY_PRICES']);
});

test('a price function that throws makes a call unpriced', async () => {
  const pricer = createPricer({}, async () => () => {
    throw new RangeError('inputTokens is -1');
  });
  const prices: (bigint | undefined)[] = [];
  pricer.quote('m', { inputTokens: -1, outputTokens: 0 }, undefined, (picoUsd) => prices.push(picoUsd));
  await pricer.settled();
  pricer.quote('m', { inputTokens: -1, outputTokens: 0 }, undefined, (picoUsd) => prices.push(picoUsd));
  expect(prices).toEqual([undefined, undefined]);
});
