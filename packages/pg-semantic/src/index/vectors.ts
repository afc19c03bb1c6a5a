import { inTime } from '../embed/in-time.ts';
import type { Embedder } from '../embedder.ts';
import { BoundedMap } from './bounded-map.ts';
import { SemanticIndexError } from './errors.ts';

/** Lookups wait as long as their deadline; what is behind them, learning and closing, so long. */
const mostMs = 30_000;

interface Kept {
  readonly promise: Promise<Float32Array>;
  /** once it is there */
  vector?: Float32Array;
}

/** Vectors of unit length for texts. Keeps the newest, because a missed question is looked at twice: when it is asked and when it is learned. */
export class Vectors {
  readonly #embedder: Embedder;
  readonly #kept = new BoundedMap<string, Kept>(2_000);

  constructor(embedder: Embedder) {
    this.#embedder = embedder;
  }

  /** The vector, if it is here or the embedder has it at hand. */
  peek(text: string): Float32Array | undefined {
    const kept = this.#kept.get(text);
    if (kept !== undefined) return kept.vector;
    const vector = this.#peek(text);
    if (vector !== undefined) this.#kept.set(text, { promise: Promise.resolve(vector), vector });
    return vector;
  }

  async of(text: string): Promise<Float32Array> {
    const [vector] = await this.ofAll([text]);
    return vector as Float32Array;
  }

  /** One call of the embedder for all texts that are not known. */
  async ofAll(texts: readonly string[]): Promise<Float32Array[]> {
    const missing = [...new Set(texts)].filter((text) => this.#kept.get(text) === undefined);
    if (missing.length > 0) this.#ask(missing);
    return Promise.all(texts.map((text) => this.#kept.get(text)?.promise ?? this.#embed([text]).then(first)));
  }

  #ask(texts: readonly string[]): void {
    const batch = this.#embed(texts);
    texts.forEach((text, place) => {
      const kept: Kept = { promise: batch.then((vectors) => vectors[place] as Float32Array) };
      this.#kept.set(text, kept);
      kept.promise.then(
        (vector) => {
          kept.vector = vector;
        },
        // A failure is not kept; whoever waits for it hears of it.
        () => this.#kept.delete(text),
      );
    });
  }

  #peek(text: string): Float32Array | undefined {
    try {
      const vector = this.#embedder.peek?.(text);
      return vector && unitOf(vector, this.#embedder.dimensions);
    } catch {
      // It will be asked for the vector, and what is wrong will be told then.
      return undefined;
    }
  }

  async #embed(texts: readonly string[]): Promise<Float32Array[]> {
    const vectors = await inTime(this.#embedder.id, mostMs, (signal) => this.#embedder.embed(texts, { signal }));
    if (vectors.length !== texts.length) throw badVector(`gave ${vectors.length} vectors for ${texts.length} texts`);
    return vectors.map((vector) => unitOf(vector, this.#embedder.dimensions));
  }
}

function first(vectors: readonly Float32Array[]): Float32Array {
  return vectors[0] as Float32Array;
}

function unitOf(vector: ArrayLike<number>, dimensions: number): Float32Array {
  if (vector?.length !== dimensions) throw badVector(`gave ${vector?.length} numbers instead of ${dimensions}`);
  let sum = 0;
  for (let place = 0; place < dimensions; place += 1) sum += (vector[place] as number) ** 2;
  const length = Math.sqrt(sum);
  if (!Number.isFinite(length) || length === 0) throw badVector('gave a vector of length 0, NaN or infinity');
  // Float32Array.from with a function takes the way of iterators, which is several times as long.
  const unit = new Float32Array(dimensions);
  for (let place = 0; place < dimensions; place += 1) unit[place] = (vector[place] as number) / length;
  return unit;
}

function badVector(what: string): SemanticIndexError {
  return new SemanticIndexError('ERR_PG_SEMANTIC_BAD_VECTOR', `the embedder ${what}`);
}
