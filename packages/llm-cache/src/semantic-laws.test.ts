import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLlmCache, type LlmCache } from './create-llm-cache.ts';
import { type TestIndex, testIndex } from './test-index.ts';
import { clientsOf, createWorld, type World } from './test-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ stub: { cutEveryBytes: 0 } });
});
afterAll(() => world.stub.close());

function cacheOn(index: TestIndex): LlmCache {
  return createLlmCache({ cache: createCache({ tiers: [lruMem()] }), secret: 'test', answers: index });
}

const WORDS = 'When does the bank open on a holiday'.split(' ');
const wordings = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, at) => {
    const turn = (from + at) % WORDS.length;
    const mark = '?'.repeat(1 + Math.floor((from + at) / WORDS.length));
    return `${[...WORDS.slice(turn), ...WORDS.slice(0, turn)].join(' ')}${mark}`;
  });

test('1,000 callers with paraphrases make at most one upstream call and one search per wording, and none once it is known', async () => {
  const index = testIndex();
  const llm = cacheOn(index);
  const { openai } = clientsOf(world.stub, llm);
  const askAll = (texts: readonly string[]) =>
    Promise.all(
      Array.from({ length: 1_000 }, (_, at) => {
        const messages = [{ role: 'user' as const, content: texts[at % texts.length] ?? '' }];
        return openai.chat.completions.create({ model: 'gpt-6-sol', messages });
      }),
    );
  await askAll(wordings(8));
  expect(world.calls()).toBeLessThanOrEqual(8);
  await llm.flush();
  world.stub.reset();
  const asked = index.asked.length;
  const answers = await askAll(wordings(40, 8));
  expect(world.calls()).toBe(0);
  expect(index.asked.length - asked).toBe(40);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(llm.stats().semantic).toBe(40);
});

test('an answer is only ever given to the same words, of the same tenant, in the same scope', async () => {
  const asking = fc.record({
    key: fc.constantFrom('one', 'two'),
    tenant: fc.constantFrom(undefined, 'acme', 'umbrella'),
    model: fc.constantFrom('m', 'n'),
    system: fc.constantFrom(undefined, 'Be brief.', 'Be kind.'),
    earlier: fc.constantFrom(undefined, 'Hello.'),
    words: fc.shuffledSubarray(['fee', 'card', 'new', 'lost'], { minLength: 1 }),
    upper: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(asking, { maxLength: 25 }), async (asked) => {
      const llm = cacheOn(testIndex());
      for (const { key, tenant, model, system, earlier, words, upper } of asked) {
        const text = upper ? words.join(' ').toUpperCase() : words.join(' ');
        const meaning = JSON.stringify([key, tenant, model, system, earlier, [...words].sort()]);
        const turns =
          earlier === undefined
            ? []
            : [
                { role: 'user', content: earlier },
                { role: 'assistant', content: 'Hi.' },
              ];
        const setup = system === undefined ? [] : [{ role: 'system', content: system }];
        const body = { model, messages: [...setup, ...turns, { role: 'user', content: text }] };
        const headers = { authorization: `Bearer ${key}`, ...(tenant && { 'x-agent-cache-tenant': tenant }) };
        const message = { role: 'assistant', content: meaning };
        const answer = await llm.run({ format: 'openai-chat', body, headers }, async () => ({
          choices: [{ index: 0, finish_reason: 'stop', message }],
        }));
        expect(answer.choices[0]?.message.content).toBe(meaning);
        await llm.flush();
      }
    }),
    { numRuns: 40 },
  );
});
