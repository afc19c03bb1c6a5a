import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { EmbeddingError } from './errors.ts';
import { localEmbedder } from './local-embedder.ts';
import { LocalThread } from './local-thread.ts';

const cosine = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  a?.reduce((sum, value, i) => sum + value * (b?.[i] ?? 0), 0) ?? Number.NaN;

describe('localEmbedder()', () => {
  const embedder = localEmbedder();
  afterAll(() => embedder.close());

  it('names the model and its version', () => {
    expect(embedder.id).toMatch(/^universal-sentence-encoder-lite@\d+\.\d+\.\d+$/);
  });

  it('is nearer to the same question in other words than to another one', async () => {
    const [asked, same, other] = await embedder.embed([
      'How do I reset my password?',
      'I forgot my password, how can I change it?',
      'When does the train to the airport leave?',
    ]);
    expect(asked).toHaveLength(512);
    expect(cosine(asked, asked)).toBeCloseTo(1, 5);
    expect(cosine(asked, same)).toBeGreaterThan(cosine(asked, other) + 0.3);
  });

  it('gives one finite vector of unit length for every text, empty and odd ones too', async () => {
    const texts = ['', ' \n\t ', '?', '\u0000', '\ud800', '😀', '你好', 'a'.repeat(10_000)];
    const vectors = await embedder.embed(texts);
    expect(vectors).toHaveLength(texts.length);
    for (const vector of vectors) expect(cosine(vector, vector)).toBeCloseTo(1, 4);
    expect(await embedder.embed([])).toEqual([]);
  });

  it('keeps words apart whose letters the model does not know', async () => {
    const [apples, bananas, again] = await embedder.embed(['price of 苹果', 'price of 香蕉', 'price of 苹果']);
    expect(cosine(apples, again)).toBeCloseTo(1, 5);
    expect(cosine(apples, bananas)).toBeLessThan(0.9);
  });

  it('sees all parts of a text', async () => {
    const bees = 'Bees make honey in spring. '.repeat(10);
    const words = 'and then some more words about nothing. '.repeat(26);
    const [one, otherStart, otherEnd] = await embedder.embed([words, `${bees}${words}`, `${words}${bees}`]);
    expect(cosine(one, otherStart)).toBeLessThan(0.99);
    expect(cosine(one, otherEnd)).toBeLessThan(0.99);
  });

  it('stops waiting when the caller aborts', async () => {
    await expect(embedder.embed(['a'], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const aborting = new AbortController();
    const waiting = embedder.embed(['a question'], { signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('rejects once it is closed', async () => {
    const closed = localEmbedder();
    await closed.close();
    await expect(closed.embed(['a'])).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_EMBEDDER_CLOSED' });
  });

  it('cannot reach the network from its thread', async () => {
    const trying = `
      const { parentPort } = require('node:worker_threads');
      import('${new URL('./local-worker.ts', import.meta.url)}')
        .then(() => fetch('http://127.0.0.1:49999'))
        .catch(({ cause }) => parentPort.postMessage(cause.message));`;
    const thread = new Worker(trying, { eval: true });
    const [message] = await once(thread, 'message');
    expect(message).toContain('uses no network');
    await thread.terminate();
  });

  it('lets the process end without close()', async () => {
    const program = `
      import { localEmbedder } from '${new URL('./local-embedder.ts', import.meta.url)}';
      const [vector] = await localEmbedder().embed(['a question']);
      process.stdout.write(String(vector.length));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    expect(stdout).toBe('512');
  });
});

describe('LocalThread', () => {
  const echo = `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ id, chunks }) => {
      if (chunks[0] === 'crash') throw new Error('out of memory');
      if (chunks[0] === 'fail') parentPort.postMessage({ id, failure: 'no weights' });
      else if (chunks[0] !== 'wait') parentPort.postMessage({ id, vectors: [Float32Array.of(1)] });
    });`;

  it('rejects all that wait when the thread crashes, and starts another one', async () => {
    let started = 0;
    const thread = new LocalThread('model', () => {
      started += 1;
      return new Worker(echo, { eval: true });
    });
    const waiting = thread.embed(['wait']);
    const crashing = thread.embed(['crash']);
    await expect(crashing).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_EMBEDDER_CRASHED', embedder: 'model' });
    await expect(waiting).rejects.toSatisfy(EmbeddingError.isInstance);
    await expect(thread.embed(['a'])).resolves.toEqual([Float32Array.of(1)]);
    expect(started).toBe(2);
    await thread.close();
  });

  it('rejects with the reason when the model cannot be loaded', async () => {
    const thread = new LocalThread('model', () => new Worker(echo, { eval: true }));
    await expect(thread.embed(['fail'])).rejects.toMatchObject({
      code: 'ERR_PG_SEMANTIC_EMBEDDING_FAILED',
      message: expect.stringContaining('no weights'),
    });
    await thread.close();
  });

  it('rejects what waits when it is closed', async () => {
    const thread = new LocalThread('model', () => new Worker(echo, { eval: true }));
    const waiting = thread.embed(['wait']);
    const closed = expect(waiting).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_EMBEDDER_CLOSED' });
    await thread.close();
    await closed;
  });
});
