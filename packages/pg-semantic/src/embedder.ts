/** Turns texts into vectors of one length. */
export interface Embedder {
  /** Name of the model, version and settings included: vectors of different ids are never compared. */
  readonly id: string;
  /** length of the vectors */
  readonly dimensions: number;
  /** One vector per text, in the order of the texts; unit length is not required. Rejects when it cannot. */
  embed(
    texts: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Float32Array[]>;
  close?(): Promise<void>;
}
