import { describe, expect, test } from 'vitest';
import { modelPrices, priceOf } from './price-of.ts';
import { openTable } from './price-table.ts';

const at = new Date('2026-11-10');
const idOf = (model: string, provider?: string): string | undefined => {
  const price = priceOf(model, { at, provider });
  return price && `${price.provider}/${price.id}`;
};

describe('names as people write them', () => {
  test.each([
    ['gpt-4o', 'openai/gpt-4o'],
    ['  GPT-4o ', 'openai/gpt-4o'],
    ['openai/gpt-5.6-sol', 'openai/gpt-5.6-sol'],
    ['gpt-5.6-sol-2026-10-07', 'openai/gpt-5.6-sol'],
    ['ft:gpt-4o-2024-08-06:acme::B1cD', 'openai/ft:gpt-4o-2024-08-06'],
    ['azure/gpt-5.6-sol', 'azure/gpt-5.6-sol'],
    ['claude-sonnet-5-5', 'anthropic/claude-sonnet-5-5'],
    ['anthropic/claude-sonnet-5.5', 'anthropic/claude-sonnet-5-5'],
    ['claude-sonnet-5-5-20261007', 'anthropic/claude-sonnet-5-5'],
    ['claude-sonnet-5-5-latest', 'anthropic/claude-sonnet-5-5'],
    ['bedrock/us.anthropic.claude-sonnet-5-5', 'bedrock/us.anthropic.claude-sonnet-5-5'],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0'],
    ['global.anthropic.claude-opus-5-5', 'bedrock/global.anthropic.claude-opus-5-5'],
    ['anthropic.claude-opus-5-5', 'bedrock/anthropic.claude-opus-5-5'],
    ['amazon.nova-pro-v1:0', 'bedrock/amazon.nova-pro-v1:0'],
    [
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-5-5',
      'bedrock/us.anthropic.claude-opus-5-5',
    ],
    ['vertex_ai/claude-sonnet-4-5@20250929', 'vertex/claude-sonnet-4-5'],
    ['claude-sonnet-4-5@20260929', 'vertex/claude-sonnet-4-5'],
    ['projects/p/locations/global/publishers/google/models/gemini-2.5-pro', 'vertex/gemini-2.5-pro'],
    ['models/gemini-2.5-flash', 'google/gemini-2.5-flash'],
    ['gemini/gemini-2.5-flash', 'google/gemini-2.5-flash'],
    ['accounts/fireworks/models/kimi-k3', 'fireworks/accounts/fireworks/models/kimi-k3'],
    ['grok-4-latest', 'xai/grok-4-0709'],
    ['openrouter/anthropic/claude-sonnet-4.5', 'openrouter/anthropic/claude-sonnet-4.5'],
    ['text-embedding-3-small', 'openai/text-embedding-3-small'],
  ])('%s is %s', (name, found) => {
    expect(idOf(name)).toBe(found);
  });

  test.each(['aws.bedrock', 'amazon-bedrock', 'bedrock_converse', 'Bedrock'])('provider %s is Bedrock', (provider) => {
    expect(idOf('anthropic.claude-opus-5-5', provider)).toBe('bedrock/anthropic.claude-opus-5-5');
  });

  test.each(['openai', 'openai.responses', 'openai.chat'])('provider %s is OpenAI', (provider) => {
    expect(idOf('gpt-4o', provider)).toBe('openai/gpt-4o');
  });

  test('a provider is a biller: Azure and OpenRouter have their own prices for the same model', () => {
    expect(idOf('gpt-4o', 'azure')).toBe('azure/gpt-4o');
    expect(idOf('openai/gpt-4o', 'openrouter')).toBe('openrouter/openai/gpt-4o');
  });

  test('a profile of a geography that is not listed has the price that all listed geographies share', () => {
    expect(priceOf('ca.anthropic.claude-sonnet-5-5', { at })?.input).toBe(2.2);
    expect(priceOf('us-gov.anthropic.claude-sonnet-5-5', { at })).toBeUndefined();
  });
});

describe('never another price', () => {
  test.each([
    'claude-sonnet-6',
    'claude-sonnet',
    'claude-sonnet-5-5-5',
    'claude-opus-5-55',
    'gpt-4o-max',
    'gpt-5.7',
    'gpt',
    'gemini-2.5',
    'gemini-9-flash',
    'deepseek',
    'my-deployment',
    'azure/my-deployment',
    'openrouter/openai/gpt-4o:turbo',
    '',
  ])('%s has none', (name) => {
    expect(priceOf(name, { at })).toBeUndefined();
  });

  test('a version, a size or a variant is another model', () => {
    const inputs = ['claude-sonnet-5', 'claude-sonnet-5-5', 'gpt-4o', 'gpt-4o-mini'].map(
      (name) => priceOf(name, { at })?.cacheRead,
    );
    expect(inputs).toEqual([0.2, 0.1, 1.25, 0.075]);
  });

  test('a provider that does not list the model is not given the price of another', () => {
    expect(priceOf('claude-sonnet-5-5', { at, provider: 'groq' })).toBeUndefined();
  });

  test('a snapshot with a price of its own keeps it', () => {
    expect([priceOf('gpt-4o-2024-05-13', { at })?.input, priceOf('gpt-4o-2024-08-06', { at })?.input]).toEqual([
      5, 2.5,
    ]);
  });
});

describe('over the whole table', () => {
  const rows = openTable().rows;
  const names = rows.flatMap((row) => row.names.map((name) => ({ row, name })));

  test('every name finds its own row', () => {
    const lost = names.filter(({ row, name }) => openTable().index.find(name, row.provider) !== row);
    expect(lost.map(({ name }) => name)).toEqual([]);
  });

  test('cutting anything off a name leads to no row that is not the same model', () => {
    const strays: string[] = [];
    for (const { row, name } of names) {
      for (const cut of prefixes(name)) {
        const found = openTable().index.find(cut, row.provider);
        if (found && !found.names.some((other) => modelIn(other) === modelIn(cut)))
          strays.push(`${cut} → ${found.names[0]}`);
      }
    }
    expect(strays).toEqual([]);
  });

  test('adding a version, a size or a variant to a name leads only to a row that lists it', () => {
    const strays: string[] = [];
    for (const { row, name } of names) {
      for (const suffix of ['-1', '-5', '.5', '-mini', '-pro', '-fast', '-v2', ':free', ':thinking', '0']) {
        const found = openTable().index.find(name + suffix, row.provider);
        if (found && !found.names.some((other) => modelIn(other) === modelIn(name + suffix)))
          strays.push(name + suffix);
      }
    }
    expect(strays).toEqual([]);
  });

  /** Every shorter name that ends where a part of the name ends. */
  function prefixes(name: string): string[] {
    return [...name.matchAll(/[-@:.]/g)].map((separator) => name.slice(0, separator.index));
  }

  /** What a name says about the model, found in another way than the table's: part by part, without dates, pointers and revisions. */
  function modelIn(name: string): string {
    const plain = name
      .replace(/^accounts\/fireworks\/models\/|^x-ai\//, '')
      .replace(/^(us|eu|apac|ap|au|jp|in|ca)\./, 'geo.');
    if (plain.startsWith('ft:')) return `ft:${modelIn(plain.split(':')[1] ?? '')}`;
    const parts = plain
      .replace(/:0(:\d+k)?$/, '')
      .replaceAll(/-(20\d\d)-(\d\d)-(\d\d)(?=$|-|@)/g, '-$1$2$3')
      .split(/[-@]/);
    if (parts.at(-1) === 'v1' && /\d$/.test(parts.at(-2) ?? '')) parts.pop();
    const undated = parts.filter((part) => !/^(latest|default|20\d{6})$/.test(part)).join('-');
    return undated.includes('claude') ? undated.replaceAll(/(\d)\.(?=\d)/g, '$1-') : undated;
  }
});

describe('a price', () => {
  test('says where and when it was read, and nobody can change it', () => {
    const price = priceOf('gpt-6.1-sol', { at });
    expect(price).toMatchObject({ provider: 'openai', source: 'pi-ai', asOf: '2026-11-10' });
    expect(Object.isFrozen(price) && Object.isFrozen(price?.tiers)).toBe(true);
  });

  test('is the one in force at the moment that is asked for', () => {
    const readAt = (day: string) => priceOf('claude-sonnet-5-5', { at: new Date(day) })?.cacheRead;
    expect([readAt('2026-10-06T23:59Z'), readAt('2026-10-07')]).toEqual([0.2, 0.1]);
  });

  test('of zero says why', () => {
    expect(priceOf('openrouter/openai/gpt-oss-120b:free', { at })).toMatchObject({
      input: 0,
      free: 'free variant, rate-limited',
    });
    const silent = [...modelPrices].filter((price) => price.input === 0 && price.free === undefined);
    expect(silent).toEqual([]);
  });
});

test('modelPrices goes over every model once', () => {
  const keys = [...modelPrices].map((price) => `${price.provider}/${price.id.toLowerCase()}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.length).toBeGreaterThan(4_500);
});
