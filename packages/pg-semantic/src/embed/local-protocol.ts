/** What `localEmbedder` asks its thread. */
export interface Request {
  readonly id: number;
  /** none of them empty */
  readonly chunks: readonly string[];
}

/** What the thread answers: one vector per chunk, or why not. */
export type Answer =
  | { readonly id: number; readonly vectors: readonly Float32Array[] }
  | { readonly id: number; readonly failure: string };
