import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseMessages } from './anthropic-request.ts';
import { modelOf } from './models.ts';
import { parseChat } from './openai-request.ts';
import { promptTokens } from './prompt-blocks.ts';
import { createPromptCache, type PromptCache, type PromptCacheUse } from './prompt-cache.ts';
import type { StubRequest } from './provider-api.ts';

const MINUTE = 60_000;

let time = 0;
let cache: PromptCache;
beforeEach(() => {
  time = 0;
  cache = createPromptCache({ now: () => time });
});

type Tokens = Omit<PromptCacheUse, 'commit'>;

/** One whole request: looked up, answered, committed. */
function use(request: StubRequest, account = 'account'): Tokens {
  const { commit, ...tokens } = cache.read(request, modelOf(request.model, request.provider), account);
  commit();
  return tokens;
}

const read = (cachedTokens: number): Tokens => ({ cachedTokens, cacheWriteTokens: 0, cacheWriteLongTokens: 0 });
const written = (cacheWriteTokens: number): Tokens => ({ cachedTokens: 0, cacheWriteTokens, cacheWriteLongTokens: 0 });

/** A text of so many tokens that starts with its name. */
const text = (name: string, tokens: number): string => name.padEnd(tokens * 4, '.');

interface Block {
  readonly type: 'text';
  readonly text: string;
  readonly cache_control?: { readonly type: 'ephemeral'; readonly ttl: '5m' | '1h' };
}

function block(name: string, tokens: number, ttl?: '5m' | '1h'): Block {
  return { type: 'text', text: text(name, tokens), ...(ttl ? { cache_control: { type: 'ephemeral', ttl } } : {}) };
}

function claude(blocks: readonly Block[], fields: object = {}): StubRequest {
  const messages = [{ role: 'user', content: blocks }];
  return parseMessages({ model: 'claude-opus-5-5', max_tokens: 10, messages, ...fields });
}

describe('Anthropic', () => {
  test('writes at a marker, reads it again, and bills the rest as fresh', () => {
    expect(use(claude([block('policy', 2_000, '5m'), block('one', 5)]))).toEqual(written(2_000));
    expect(use(claude([block('policy', 2_000, '5m'), block('two', 5)]))).toEqual(read(2_000));
  });

  test('without a marker nothing is cached', () => {
    use(claude([block('policy', 2_000, '5m')]));
    expect(use(claude([block('policy', 2_000)]))).toEqual(read(0));
  });

  test('below the minimum of the model nothing is cached, silently', () => {
    expect(use(claude([block('policy', 1_023, '5m')]))).toEqual(written(0));
    expect(use(claude([block('policy', 2_000, '5m')], { model: 'claude-haiku-4-5' }))).toEqual(written(0));
  });

  test('a prefix lives for its TTL, and every read renews it', () => {
    const request = claude([block('policy', 2_000, '5m')]);
    use(request);
    time += 4 * MINUTE;
    expect(use(request)).toEqual(read(2_000));
    time += 4 * MINUTE;
    expect(use(request)).toEqual(read(2_000));
    time += 5 * MINUTE;
    expect(use(request)).toEqual(written(2_000));
  });

  test('long and short lives are billed apart', () => {
    const request = claude([block('policy', 2_000, '1h'), block('document', 1_000, '5m')]);
    expect(use(request)).toEqual({ cachedTokens: 0, cacheWriteTokens: 1_000, cacheWriteLongTokens: 2_000 });
    time += 30 * MINUTE;
    expect(use(request)).toEqual({ cachedTokens: 2_000, cacheWriteTokens: 1_000, cacheWriteLongTokens: 0 });
  });

  test('a growing conversation reads what was written within twenty blocks before the marker', () => {
    const turns = Array.from({ length: 30 }, (_, index) => block(`turn ${index}`, 100));
    const upTo = (count: number): StubRequest =>
      claude([...turns.slice(0, count - 1), block(`turn ${count - 1}`, 100, '5m')]);
    use(upTo(11));
    expect(use(upTo(30))).toEqual({ ...read(1_100), cacheWriteTokens: 1_900 });
    cache.clear();
    use(upTo(11));
    expect(use(upTo(31))).toEqual(written(3_100));
  });

  test('a change before the marker loses everything after it', () => {
    use(claude([block('policy', 2_000, '5m')]));
    expect(use(claude([block('Policy', 2_000, '5m')]))).toEqual(written(2_000));
  });

  test('tools come before the system prompt, and a change in them loses both', () => {
    const system = [block('policy', 2_000, '5m')];
    const tool = (name: string) => ({ system, tools: [{ name, input_schema: { type: 'object' } }] });
    use(claude([block('question', 5)], tool('a')));
    expect(use(claude([block('question', 5)], tool('a'))).cachedTokens).toBeGreaterThan(2_000);
    expect(use(claude([block('question', 5)], tool('b'))).cachedTokens).toBe(0);
  });

  test('the automatic marker stands on the last block', () => {
    const automatic = { cache_control: { type: 'ephemeral' } };
    expect(use(claude([block('policy', 2_000)], automatic))).toEqual(written(2_000));
    expect(use(claude([block('policy', 2_000), block('more', 10)], automatic))).toMatchObject({ cachedTokens: 2_000 });
  });

  test('accounts and models share nothing', () => {
    const request = claude([block('policy', 2_000, '5m')]);
    use(request);
    expect(use(request, 'other')).toEqual(written(2_000));
    expect(use(claude([block('policy', 2_000, '5m')], { model: 'claude-sonnet-5-5' }))).toEqual(written(2_000));
  });

  test('a prefix cannot be read before the answer that writes it has begun', () => {
    const request = claude([block('policy', 2_000, '5m')]);
    const first = cache.read(request, modelOf(request.model, 'anthropic'), 'account');
    expect(cache.read(request, modelOf(request.model, 'anthropic'), 'account')).toMatchObject(written(2_000));
    first.commit();
    expect(use(request)).toEqual(read(2_000));
  });

  test('a fifth marker and a long life after a short one are refused', () => {
    const five = Array.from({ length: 5 }, (_, index) => block(`${index}`, 10, '5m'));
    expect(() => use(claude(five))).toThrow('A maximum of 4 blocks');
    expect(() => use(claude([block('a', 10, '5m'), block('b', 10, '1h')]))).toThrow("ttl='1h'");
  });

  test('never counts a token twice', () => {
    const life = fc.constantFrom(undefined, '5m' as const);
    const blocks = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 3_000 }), life), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(blocks, { minLength: 1, maxLength: 6 }), (requests) => {
        cache.clear();
        for (const parts of requests) {
          const request = claude(parts.map(([name, tokens, ttl]) => block(name, tokens, ttl)));
          const { cachedTokens, cacheWriteTokens, cacheWriteLongTokens } = use(request);
          const total = cachedTokens + cacheWriteTokens + cacheWriteLongTokens;
          expect(total).toBeLessThanOrEqual(promptTokens(request.prompt));
          expect(Math.min(cachedTokens, cacheWriteTokens, cacheWriteLongTokens)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

function gpt(model: string, parts: readonly string[], fields: object = {}): StubRequest {
  return parseChat({ model, messages: parts.map((content) => ({ role: 'user', content })), ...fields });
}

describe('OpenAI up to gpt-5.5', () => {
  const model = 'gpt-5.5';

  test('reads shared beginnings in steps of 128 tokens, and writes for nothing', () => {
    expect(use(gpt(model, [text('policy', 2_000), text('one', 300)]))).toEqual(read(0));
    expect(use(gpt(model, [text('policy', 2_000), text('two', 300)]))).toEqual(read(1_920));
  });

  test('needs 1,024 shared tokens', () => {
    use(gpt(model, [text('policy', 1_000), text('one', 300)]));
    expect(use(gpt(model, [text('policy', 1_000), text('two', 300)]))).toEqual(read(0));
  });

  test('forgets after ten idle minutes, or a day when asked to', () => {
    use(gpt(model, [text('policy', 2_000)]));
    time += 10 * MINUTE;
    expect(use(gpt(model, [text('policy', 2_000)], { prompt_cache_retention: '24h' }))).toEqual(read(0));
    time += 23 * 60 * MINUTE;
    expect(use(gpt(model, [text('policy', 2_000)]))).toEqual(read(1_920));
  });
});

describe('OpenAI from gpt-5.6 on', () => {
  const model = 'gpt-6-sol';
  const marked = (name: string, tokens: number, ttl?: string): object => ({
    role: 'user',
    content: [{ type: 'text', text: text(name, tokens), prompt_cache_breakpoint: { mode: 'explicit', ttl } }],
  });
  const gptOf = (messages: readonly object[], fields: object = {}): StubRequest =>
    parseChat({ model, messages, ...fields });
  const plain = (name: string, tokens: number): object => ({ role: 'user', content: text(name, tokens) });

  test('writes the end of the latest message and reads it in the next turn', () => {
    expect(use(gptOf([plain('one', 2_000)]))).toEqual(written(2_000));
    expect(use(gptOf([plain('one', 2_000), plain('two', 100)]))).toEqual({ ...read(2_000), cacheWriteTokens: 100 });
  });

  test('a shared beginning with other ends is not found without a breakpoint', () => {
    use(gptOf([plain('policy', 2_000), plain('one', 100)]));
    expect(use(gptOf([plain('policy', 2_000), plain('two', 100)]))).toEqual(written(2_100));
  });

  test('an explicit breakpoint makes it found', () => {
    use(gptOf([marked('policy', 2_000), plain('one', 100)]));
    expect(use(gptOf([marked('policy', 2_000), plain('two', 100)]))).toEqual({ ...read(2_000), cacheWriteTokens: 100 });
  });

  test('explicit mode without a breakpoint caches nothing', () => {
    const explicit = { prompt_cache_options: { mode: 'explicit' } };
    expect(use(gptOf([plain('policy', 2_000)], explicit))).toEqual(written(0));
    expect(use(gptOf([marked('policy', 2_000), plain('one', 100)], explicit))).toEqual(written(2_000));
  });

  test('lives for 30 minutes from the last read, or twelve hours when asked to', () => {
    const short = gptOf([plain('policy', 2_000)]);
    const long = gptOf([marked('handbook', 2_000, '12h')]);
    use(short);
    expect(use(long)).toEqual({ cachedTokens: 0, cacheWriteTokens: 0, cacheWriteLongTokens: 2_000 });
    time += 29 * MINUTE;
    expect(use(short)).toEqual(read(2_000));
    time += 30 * MINUTE;
    expect(use(short)).toEqual(written(2_000));
    time += 11 * 60 * MINUTE;
    expect(use(long)).toEqual(read(2_000));
  });

  test('prompt_cache_key keeps prefixes apart', () => {
    use(gptOf([plain('policy', 2_000)], { prompt_cache_key: 'a' }));
    expect(use(gptOf([plain('policy', 2_000)], { prompt_cache_key: 'b' }))).toEqual(written(2_000));
  });
});
