import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embedderOf } from './embedder-of.ts';
import { hashedEmbedder } from './hashed-embedder.ts';
import { openaiEmbedder } from './openai-embedder.ts';

describe('embedderOf()', () => {
  const of = (vectors: unknown) =>
    // What a function returns that does not keep to its type.
    embedderOf(async () => vectors as number[][], { id: 'mine', dimensions: 2 });

  it('hands the vectors over as 32-bit floats', async () => {
    await expect(of([[1, 2]]).embed(['a'])).resolves.toEqual([Float32Array.of(1, 2)]);
  });

  it.each([
    [
      'COUNT',
      [
        [1, 2],
        [1, 2],
      ],
    ],
    ['COUNT', []],
    ['COUNT', undefined],
    ['DIMENSIONS', [[1]]],
    ['DIMENSIONS', ['ab']],
    ['DIMENSIONS', [null]],
    ['NOT_FINITE', [[1, Number.NaN]]],
    ['NOT_FINITE', [[1, Number.POSITIVE_INFINITY]]],
    ['NOT_FINITE', [[1, 1e300]]],
  ])('rejects with ERR_PG_SEMANTIC_EMBEDDING_%s for %j', async (what, vectors) => {
    await expect(of(vectors).embed(['a'])).rejects.toMatchObject({ code: `ERR_PG_SEMANTIC_EMBEDDING_${what}` });
  });

  it('rejects with the cause when the function does', async () => {
    const cause = new Error('quota');
    const failing = embedderOf(() => Promise.reject(cause), { id: 'mine', dimensions: 2 });
    await expect(failing.embed(['a'])).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_EMBEDDING_FAILED', cause });
  });

  it('does not call the function for no texts', async () => {
    const never = embedderOf(() => Promise.reject(new Error('called')), { id: 'mine', dimensions: 2 });
    await expect(never.embed([])).resolves.toEqual([]);
  });

  it('refuses an empty id and impossible dimensions', () => {
    expect(() => embedderOf(async () => [], { id: '', dimensions: 2 })).toThrow(TypeError);
    expect(() => embedderOf(async () => [], { id: 'mine', dimensions: 0 })).toThrow(TypeError);
  });
});

describe('hashedEmbedder()', () => {
  it('gives any text a vector of unit length, always the same', async () => {
    const embedder = hashedEmbedder({ dimensions: 64 });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const [vector, again] = await embedder.embed([text, text]);
        expect(vector).toEqual(again);
        expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 4);
      }),
    );
  });

  it('stays the same from version to version as long as its id does', async () => {
    const [vector] = await hashedEmbedder({ dimensions: 16 }).embed(['How do I pay?']);
    expect([...(vector ?? [])].map((value) => value.toFixed(3))).toEqual([
      '0.000',
      '0.000',
      '0.408',
      '0.000',
      '0.158',
      '0.189',
      '0.850',
      '0.158',
      '0.000',
      '0.029',
      '0.000',
      '0.000',
      '0.000',
      '0.000',
      '0.158',
      '0.000',
    ]);
  });

  it('refuses impossible dimensions', () => {
    expect(() => hashedEmbedder({ dimensions: 8 })).toThrow(TypeError);
    expect(() => hashedEmbedder({ dimensions: 1.5 })).toThrow(TypeError);
  });
});

describe('openaiEmbedder()', () => {
  const clientOf = (answer: (input: string[]) => { index: number; embedding: number[] | string }[]) => {
    const bodies: { input: string[] }[] = [];
    const client = {
      embeddings: {
        create: async (body: { input: string[] }) => {
          bodies.push(body);
          return { data: answer(body.input) };
        },
      },
    };
    return { bodies, client };
  };

  it('puts the vectors in the order of the texts', async () => {
    const { client } = clientOf((input) =>
      input.map((text, index) => ({ index, embedding: [Number(text), 0] })).reverse(),
    );
    const vectors = await openaiEmbedder(client, 'm', { dimensions: 2 }).embed(['1', '2', '3']);
    expect(vectors.map(([first]) => first)).toEqual([1, 2, 3]);
  });

  it('reads base64 as well', async () => {
    const embedding = Buffer.from(Float32Array.of(0.5, -2).buffer).toString('base64');
    const { client } = clientOf(() => [{ index: 0, embedding }]);
    await expect(openaiEmbedder(client, 'm', { dimensions: 2 }).embed(['a'])).resolves.toEqual([
      Float32Array.of(0.5, -2),
    ]);
  });

  it('asks for at most 2,048 texts at once, and never for an empty one', async () => {
    const { client, bodies } = clientOf((input) => input.map((_, index) => ({ index, embedding: [1, 0] })));
    await openaiEmbedder(client, 'm', { dimensions: 2 }).embed(Array.from({ length: 3_000 }, () => ''));
    expect(bodies.map(({ input }) => input.length)).toEqual([2_048, 952]);
    expect(bodies[0]?.input[0]).toBe(' ');
    expect(bodies[0]).toMatchObject({ model: 'm', dimensions: 2, encoding_format: 'float' });
  });

  it('rejects when a vector is missing or double', async () => {
    const { client } = clientOf(() => [
      { index: 0, embedding: [1, 0] },
      { index: 0, embedding: [1, 0] },
    ]);
    await expect(openaiEmbedder(client, 'm', { dimensions: 2 }).embed(['a', 'b'])).rejects.toMatchObject({
      code: 'ERR_PG_SEMANTIC_EMBEDDING_COUNT',
    });
  });

  it('knows the lengths of OpenAI models and wants to be told others', () => {
    const { client } = clientOf(() => []);
    expect(openaiEmbedder(client, 'text-embedding-3-small')).toMatchObject({
      id: 'openai:text-embedding-3-small:1536',
      dimensions: 1_536,
    });
    expect(() => openaiEmbedder(client, 'another')).toThrow(TypeError);
  });
});
