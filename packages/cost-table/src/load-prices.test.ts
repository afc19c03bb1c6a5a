import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { costOf } from './cost-of.ts';
import { PriceFileError } from './errors.ts';
import { loadPrices } from './load-prices.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cost-table-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(content: unknown): string {
  const file = join(folder, 'prices.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const one = { inputTokens: 1, outputTokens: 0 };

describe('a file', () => {
  test('of prices by model name is a price list', async () => {
    const prices = await loadPrices(fileWith({ mine: { input: 1, output: 2, cacheWrite: { '1h': 2 } } }));
    expect(costOf('mine', one, { prices })?.picoUsd).toBe(1_000_000n);
  });

  test('may list the prices of a model by date', async () => {
    const prices = await loadPrices(
      pathToFileURL(fileWith({ mine: [{ input: 1 }, { from: '2026-01-01', input: 2 }] })),
    );
    expect(costOf('mine', one, { prices, at: new Date('2026-02-01') })?.picoUsd).toBe(2_000_000n);
  });

  test('of LiteLLM is read as it is', async () => {
    const row = { litellm_provider: 'acme', mode: 'chat', input_cost_per_token: 1.5e-6, output_cost_per_token: 6e-6 };
    const free = { litellm_provider: 'acme', input_cost_per_token: 0 };
    const prices = await loadPrices(
      fileWith({ sample_spec: { litellm_provider: 'any' }, 'acme/one': row, 'acme/none': free }),
    );
    expect(prices).toEqual({ 'acme/one': { input: 1.5, output: 6 } });
  });
});

test('an address is fetched', async () => {
  const server = createServer((_request, response) => response.end('{"mine":{"input":3}}'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const prices = await loadPrices(`http://127.0.0.1:${port}/prices.json`);
  expect(prices).toEqual({ mine: { input: 3 } });
  const gone = new AbortController();
  gone.abort();
  await expect(loadPrices(`http://127.0.0.1:${port}/`, { signal: gone.signal })).rejects.toThrow(PriceFileError);
  server.closeAllConnections();
  server.close();
});

test('an address that answers with an error is an error naming it', async () => {
  const fetch = async () => new Response('', { status: 404 });
  await expect(loadPrices('https://example.test/prices.json', { fetch })).rejects.toThrow(
    'Cannot load prices from https://example.test/prices.json: the server answered 404.',
  );
});

describe('a wrong file is an error naming it and the field', () => {
  test.each([
    ['mine.input', { mine: { input: '1' } }],
    ['mine.input', { mine: { input: -1 } }],
    ['mine.inputPrice', { mine: { inputPrice: 1 } }],
    ['mine.cacheWrite.2h', { mine: { input: 1, cacheWrite: { '2h': 2 } } }],
    ['mine.tiers[0].aboveInputTokens', { mine: { input: 1, tiers: [{ input: 2 }] } }],
    ['mine.tiers[1].aboveInputTokens', { mine: { tiers: [{ aboveInputTokens: 2 }, { aboveInputTokens: 1 }] } }],
    ['mine.timeOfDay[0].fromUtc', { mine: { timeOfDay: [{ fromUtc: '25:00', toUtc: '01:00' }] } }],
    ['mine.timeOfDay[0].daysUtc[0]', { mine: { timeOfDay: [{ fromUtc: '05:00', toUtc: '01:00', daysUtc: [7] }] } }],
    ['mine.serviceTiers.scale', { mine: { serviceTiers: { scale: {} } } }],
    ['mine.from', { mine: { input: 1, from: 'today' } }],
    ['mine.[1].from', { mine: [{ input: 1 }, { input: 2 }] }],
    ['mine', { mine: 3 }],
    ['acme.input_cost_per_token', { acme: { litellm_provider: 'acme', input_cost_per_token: 'free' } }],
  ])('%s', async (field, content) => {
    const file = fileWith(content);
    const error = await loadPrices(file).catch((cause: unknown) => cause);
    expect(PriceFileError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code: 'ERR_COST_TABLE_PRICE_FILE', file, field });
    expect(String(error)).toContain(file);
  });

  test.each([
    ['no JSON', '{"mine":'],
    ['no object', '[]'],
  ])('%s', async (problem, content) => {
    await expect(loadPrices(fileWith(content))).rejects.toThrow(
      `Cannot load prices from ${join(folder, 'prices.json')}: it `,
    );
    expect(problem).not.toBe('');
  });

  test('that is not there', async () => {
    await expect(loadPrices('/no/such/prices.json')).rejects.toThrow(
      /\/no\/such\/prices\.json: ENOENT.*Check the path or address/,
    );
  });
});
