import { EmbeddingError } from './errors.ts';

/** What `ask` brings; rejects, and aborts its signal, when that is not there after `ms`: some embedders hang without an error. */
export function inTime<T>(embedder: string, ms: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const leaving = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `The embedder ${embedder} gave no vectors within ${ms} ms.`;
      const late = new EmbeddingError('ERR_PG_SEMANTIC_EMBEDDING_LATE', message, embedder);
      reject(late);
      leaving.abort(late);
    }, ms);
    ask(leaving.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
