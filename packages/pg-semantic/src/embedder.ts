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
  /** The vector of a text if it takes no call and no time; a lookup then asks the database once instead of twice. @default never */
  peek?(text: string): Float32Array | undefined;
  close?(): Promise<void>;
}
