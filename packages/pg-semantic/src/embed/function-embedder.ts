import type { Embedder } from '../embedder.ts';
import { checkVectors } from './check-vectors.ts';
import { type EmbedFunction, vectorsFrom } from './embed-function.ts';
import { inTime } from './in-time.ts';

const probeMs = 30_000;
/** Two models hardly ever say it in the same direction. */
const probeText = 'How many books about gardening can I borrow at the same time?';

/**
 * A function as an embedder. It has no name to tell its model by, so the model is told by the vector of a fixed text: see `probe`. `dimensions`
 * is 0 until there was a first vector.
 */
export class FunctionEmbedder implements Embedder {
  readonly id = 'function';
  readonly #embed: EmbedFunction;
  #dimensions = 0;

  constructor(embed: EmbedFunction) {
    this.#embed = embed;
  }

  get dimensions(): number {
    return this.#dimensions;
  }

  async embed(texts: readonly string[], options: Parameters<EmbedFunction>[1] = {}): Promise<Float32Array[]> {
    if (texts.length === 0) return [];
    const vectors = await vectorsFrom(this.#embed, texts, options, this.id);
    const dimensions = this.#dimensions || (vectors?.[0]?.length ?? 0);
    const checked = checkVectors(vectors, { id: this.id, dimensions, count: texts.length });
    this.#dimensions = dimensions;
    return checked;
  }

  /** Rejects when the function does; undefined when what it gives has no direction, like that of one which knows only some texts. */
  async probe(): Promise<Float32Array | undefined> {
    const ask = (signal: AbortSignal) => vectorsFrom(this.#embed, [probeText], { signal }, this.id);
    const [vector] = (await inTime(this.id, probeMs, ask)) ?? [];
    const probe = Float32Array.from(vector ?? []);
    this.#dimensions ||= probe.length;
    const hasDirection = probe.every(Number.isFinite) && probe.some((component) => component !== 0);
    return hasDirection && probe.length === this.#dimensions ? probe : undefined;
  }
}

/** @throws TypeError when it is neither an embedder nor a function, naming who was given it */
export function embedderFrom(embed: Embedder | EmbedFunction, owner: string): Embedder {
  if (typeof embed === 'function') return new FunctionEmbedder(embed);
  if (typeof embed?.embed === 'function') return embed;
  throw new TypeError(
    `${owner}: "embed" must be an embedder, as localEmbedder() makes one, or a function from texts to vectors`,
  );
}
