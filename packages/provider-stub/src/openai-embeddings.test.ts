import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ProviderStub, startProviderStub } from './start-provider-stub.ts';
import { type Clients, clientsOf } from './test-clients.ts';

const model = 'text-embedding-3-small';
let stub: ProviderStub;
let clients: Clients;
beforeAll(async () => {
  stub = await startProviderStub();
  clients = clientsOf(stub);
});
afterAll(() => stub.close());
beforeEach(() => stub.reset());

async function vectorsOf(input: string | string[], dimensions?: number): Promise<number[][]> {
  const limited = dimensions === undefined ? {} : { dimensions };
  const { data } = await clients.openai.embeddings.create({ model, input, ...limited });
  return data.map(({ embedding }) => embedding);
}

function cosine(a: readonly number[] = [], b: readonly number[] = []): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

test('base64, which the client asks for silently, and float carry the same vector', async () => {
  const [silent] = await vectorsOf('reset my PIN');
  const float = await clients.openai.embeddings.create({ model, input: 'reset my PIN', encoding_format: 'float' });
  expect(stub.requests[0]?.body).toMatchObject({ encoding_format: 'base64' });
  expect(float.data[0]?.embedding).toEqual(silent);
});

test('every text of a list gets its own vector, the same one as alone', async () => {
  const [first, second] = await vectorsOf(['reset my PIN', 'lost card']);
  expect(await vectorsOf('lost card')).toEqual([second]);
  expect(first).not.toEqual(second);
});

test('vectors have length one and the dimensions asked for', async () => {
  const [vector] = await vectorsOf('reset my PIN', 64);
  expect(vector).toHaveLength(64);
  expect(cosine(vector, vector)).toBeCloseTo(1, 5);
});

test('texts that share words lie closer than texts that do not', async () => {
  const [pin, alsoPin, weather] = await vectorsOf(['how to reset my PIN', 'reset my PIN please', 'sunny in Lisbon']);
  expect(cosine(pin, alsoPin)).toBeGreaterThan(cosine(pin, weather) + 0.2);
});

test('a scripted vector is sent as it is', async () => {
  stub.script([{ embedding: [0.5, -0.25] }]);
  expect(await vectorsOf('anything')).toEqual([[0.5, -0.25]]);
});
