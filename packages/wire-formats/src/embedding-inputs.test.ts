import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinEmbeddingAnswers, joinEmbeddingInputs, splitEmbeddingAnswer, splitEmbeddingInputs } from './index.ts';

const tokens = fc.array(fc.nat(), { minLength: 1, maxLength: 4 });
const inputs = fc.oneof(
  fc.array(fc.string(), { minLength: 1, maxLength: 5 }),
  fc.array(tokens, { minLength: 1, maxLength: 5 }),
);

const answerTo = (count: number, promptTokens: number): object => ({
  object: 'list',
  model: 'text-embedding-3-small',
  data: Array.from({ length: count }, (_, index) => ({ object: 'embedding', index, embedding: [index, 0.5] })),
  usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
});

describe('embedding requests', () => {
  test('split into one request per input and join again', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const body = { model: 'm', dimensions: 3, input };
        const parts = splitEmbeddingInputs(body);
        expect(parts?.map((part) => part.input)).toEqual(input);
        expect(joinEmbeddingInputs(parts ?? [])).toEqual(body);
      }),
    );
  });

  test('a text by itself and as the only one of a list are the same part; so are tokens', () => {
    expect(splitEmbeddingInputs({ model: 'm', input: 'a' })).toEqual(
      splitEmbeddingInputs({ model: 'm', input: ['a'] }),
    );
    expect(splitEmbeddingInputs({ model: 'm', input: [1, 2] })).toEqual(
      splitEmbeddingInputs({ model: 'm', input: [[1, 2]] }),
    );
  });

  test.each([
    { input: [] },
    { input: ['a', 1] },
    { input: ['a', [1]] },
    { input: { text: 'a' } },
    {},
    { input: [[]] },
    null,
  ])('cannot split %j', (body) => expect(splitEmbeddingInputs(body)).toBeUndefined());
});

describe('embedding answers', () => {
  test('split into one answer per input and join to the same answer, usage to the token', () => {
    fc.assert(
      fc.property(inputs, fc.nat(10_000), (input, promptTokens) => {
        const answer = answerTo(input.length, promptTokens);
        const parts = splitEmbeddingAnswer(answer, { input }) ?? [];
        expect(parts).toHaveLength(input.length);
        for (const part of parts) expect(part.data).toMatchObject([{ index: 0 }]);
        expect(joinEmbeddingAnswers(parts)).toEqual(answer);
      }),
    );
  });

  test('join in any order and number: each vector gets the index of its place', () => {
    const parts = splitEmbeddingAnswer(answerTo(3, 30), { input: ['aa', 'bb', 'cc'] }) ?? [];
    const joined = joinEmbeddingAnswers([parts[2], parts[0], parts[2]]);
    expect(joined.data).toEqual([
      { object: 'embedding', index: 0, embedding: [2, 0.5] },
      { object: 'embedding', index: 1, embedding: [0, 0.5] },
      { object: 'embedding', index: 2, embedding: [2, 0.5] },
    ]);
    expect(joined.usage).toEqual({ prompt_tokens: 30, total_tokens: 30 });
  });

  test('cannot be split when a vector is missing or out of place', () => {
    const answer = answerTo(2, 7) as { data: object[] };
    expect(splitEmbeddingAnswer(answer, { input: ['a', 'b', 'c'] })).toBeUndefined();
    expect(splitEmbeddingAnswer({ ...answer, data: answer.data.toReversed() }, { input: ['a', 'b'] })).toBeUndefined();
    expect(splitEmbeddingAnswer({ error: {} }, { input: ['a'] })).toBeUndefined();
  });

  test('without usage stay without usage', () => {
    const { usage: _usage, ...answer } = answerTo(2, 0) as { usage: object };
    expect(joinEmbeddingAnswers(splitEmbeddingAnswer(answer, { input: ['a', 'b'] }) ?? [])).toEqual(answer);
  });
});
