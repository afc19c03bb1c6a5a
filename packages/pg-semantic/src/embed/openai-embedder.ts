import type { Embedder } from '../embedder.ts';
import { embedderOf } from './embedder-of.ts';
import { EmbeddingError } from './errors.ts';

/** What of an `OpenAI` client is called. */
export interface OpenAiEmbeddingClient {
  readonly embeddings: {
    create(
      body: { model: string; input: string[]; dimensions?: number; encoding_format: 'float' },
      options?: { signal?: AbortSignal },
    ): PromiseLike<{
      readonly data: readonly { readonly index: number; readonly embedding: readonly number[] | string }[];
    }>;
  };
}

/** Most texts that one call of the API takes. */
const textsPerCall = 2_048;
/** https://platform.openai.com/docs/guides/embeddings */
const lengths: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1_536,
  'text-embedding-3-large': 3_072,
  'text-embedding-ada-002': 1_536,
};

/**
 * Vectors of OpenAI's API, or of one that speaks like it. Servers that answer in base64 whatever is asked are understood. Empty texts are
 * sent as a space, which the API accepts. `dimensions` shortens the vectors of models that can, and must be given for unknown models.
 *
 * @throws TypeError when the length of the model's vectors is not known
 */
export function openaiEmbedder(
  client: OpenAiEmbeddingClient,
  model: string,
  { dimensions }: { readonly dimensions?: number } = {},
): Embedder {
  const length = dimensions ?? lengths[model];
  if (length === undefined) {
    throw new TypeError(`openaiEmbedder: the length of ${model}'s vectors is not known: pass \`dimensions\`.`);
  }
  const id = `openai:${model}:${length}`;
  const shortened = dimensions === undefined ? {} : { dimensions };
  return embedderOf(
    async (texts, { signal }) => {
      const vectors: (readonly number[] | Float32Array)[] = [];
      for (let start = 0; start < texts.length; start += textsPerCall) {
        const input = texts.slice(start, start + textsPerCall).map((text) => (text === '' ? ' ' : text));
        const { data } = await client.embeddings.create(
          { model, input, ...shortened, encoding_format: 'float' },
          signal === undefined ? {} : { signal },
        );
        vectors.push(...inOrder(data, input.length, id));
      }
      return vectors;
    },
    { id, dimensions: length },
  );
}

function inOrder(
  data: readonly { readonly index: number; readonly embedding: readonly number[] | string }[],
  count: number,
  id: string,
): (readonly number[] | Float32Array)[] {
  const byIndex = new Map(data.map(({ index, embedding }) => [index, embedding]));
  const found = Array.from({ length: count }, (_, i) => byIndex.get(i)).filter((embedding) => embedding !== undefined);
  if (found.length !== count || data.length !== count) {
    throw new EmbeddingError(
      'ERR_PG_SEMANTIC_EMBEDDING_COUNT',
      `The API was given ${count} texts and answered with ${data.length} vectors for ${found.length} of them.`,
      id,
    );
  }
  return found.map((embedding) => (typeof embedding === 'string' ? fromBase64(embedding) : embedding));
}

/** 32-bit floats, little end first. */
function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readFloatLE(4 * i));
}
