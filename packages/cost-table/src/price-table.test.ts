import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Price, Rates } from './price.ts';
import { priceTable } from './price-table.generated.ts';
import { openTable } from './price-table.ts';
import exceptions from './update/exceptions.json' with { type: 'json' };
import manifest from './update/manifest.json' with { type: 'json' };

const rows = openTable().rows;

test('is the one its manifest describes', () => {
  expect(rows.length).toBe(manifest.models);
  expect(new Set(rows.flatMap((row) => row.names.map((name) => `${row.provider}/${name}`))).size).toBe(manifest.names);
});

test('covers every priced row of every source', () => {
  for (const { name, covered, pricedRows } of manifest.sources) expect(covered, name).toBe(pricedRows);
});

test('names the digests of the sources it was made of', () => {
  const head = readFileSync(new URL('price-table.generated.ts', import.meta.url), 'utf8').slice(0, 1_000);
  for (const { file, asOf, sha256 } of manifest.sources) {
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(head).toContain(`// ${file} as of ${asOf}, SHA-256 ${sha256}`);
  }
});

test('holds read ≤ input ≤ write and input ≤ output, except where a reason is given', () => {
  const excused = new Set(exceptions.map(({ model, rule }) => `${model} ${rule}`));
  const wrong = rows.flatMap((row) => {
    const model = `${row.provider}/${row.names[0]}`;
    return row
      .prices()
      .flatMap(parts)
      .flatMap(broken)
      .map((rule) => `${model} ${rule}`);
  });
  const unexcused = wrong.filter((entry) => !excused.has(entry) && !hasNoOutput(entry));
  expect(unexcused).toEqual([]);
});

test('gives a reason for every exception, and has no exception without need', () => {
  for (const { model, reason } of exceptions) {
    expect(reason.length, model).toBeGreaterThan(20);
    expect(
      rows.some((row) => row.names.some((name) => `${row.provider}/${name}` === model)),
      model,
    ).toBe(true);
  }
});

test('prices every token by whole pico-dollars, so that costs add up exactly', () => {
  const fine = rows.flatMap((row) =>
    row
      .prices()
      .flatMap(parts)
      .flatMap((rates) => amounts(rates).filter((rate) => !isWhole(rate))),
  );
  expect(fine).toEqual([]);
});

test('holds no rate of 0 but those of models that are free', () => {
  const zero = rows.filter((row) =>
    row.prices().some((price) => price.free === undefined && amounts(price).includes(0)),
  );
  expect(zero.map((row) => row.names[0])).toEqual([]);
});

test('lists dated prices in order', () => {
  for (const row of rows) {
    const days = row.prices().map((price) => price.from ?? '');
    expect(days).toEqual([...days].sort());
  }
});

test('is text of plain characters, so that a bundler keeps its size', () => {
  expect(/^[\x20-\x7e]*$/.test(priceTable)).toBe(true);
  expect(createHash('sha256').update(priceTable).digest('hex')).toHaveLength(64);
});

function parts(price: Price): Rates[] {
  const services = Object.values(price.serviceTiers ?? {}).map((service) => ({ ...price, ...service }));
  return [price, ...(price.timeOfDay ?? []), ...services].flatMap((part) => [
    part,
    ...(part.tiers ?? []).map((tier) => ({ ...part, ...tier })),
  ]);
}

function broken({ input, output, cacheRead, cacheWrite }: Rates): string[] {
  if (input === undefined) return [];
  const writes = Object.values(cacheWrite ?? {});
  return [
    ...(cacheRead !== undefined && cacheRead > input ? ['read <= input'] : []),
    ...(writes.some((write = input) => write < input) ? ['input <= write'] : []),
    ...(output !== undefined && output < input ? ['input <= output'] : []),
  ];
}

/** Embeddings and moderation: the table does not keep what a model is for, and they write nothing. */
function hasNoOutput(entry: string): boolean {
  return /embed|rerank|moderation|voyage|bge|gte|e5-/.test(entry) && entry.endsWith('input <= output');
}

function amounts(rates: Rates): number[] {
  const { input, output, cacheRead, cacheWrite, reasoning, audioInput, audioOutput, cacheReadAudio, imageOutput } =
    rates;
  const all = [input, output, cacheRead, reasoning, audioInput, audioOutput, cacheReadAudio, imageOutput];
  return [...all, ...Object.values(cacheWrite ?? {})].filter((rate) => rate !== undefined);
}

function isWhole(rate: number): boolean {
  return Math.abs(rate * 1e6 - Math.round(rate * 1e6)) < 1e-6;
}
