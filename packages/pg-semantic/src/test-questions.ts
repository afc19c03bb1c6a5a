/** What the benches share: the folder of question files, and their vectors, computed once and kept on disk. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Embedder } from './embedder.ts';

/** The folder named by `--data <folder>` or the environment variable `QUESTIONS_FOLDER`. */
export function questionsFolder(): string {
  const place = process.argv.indexOf('--data');
  const folder = place < 0 ? process.env.QUESTIONS_FOLDER : process.argv[place + 1];
  if (folder === undefined || !existsSync(folder)) {
    throw new Error('Name the folder of the question files: --data <folder>, or QUESTIONS_FOLDER in the environment.');
  }
  return folder;
}

/** The records of a JSON-lines file, zipped or not. */
export function readRecords<T>(folder: string, name: string): T[] {
  const zipped = existsSync(join(folder, `${name}.gz`));
  const bytes = readFileSync(join(folder, zipped ? `${name}.gz` : name));
  const text = (zipped ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): T => JSON.parse(line));
}

/** One vector of unit length per text. Kept below the system's folder for temporary files, named by the texts and the model. */
export async function cachedVectors(embedder: Embedder, texts: readonly string[]): Promise<Float32Array[]> {
  const digest = createHash('sha256')
    .update(JSON.stringify([embedder.id, texts]))
    .digest('hex')
    .slice(0, 24);
  const folder = join(tmpdir(), 'agent-cache-vectors');
  const file = join(folder, `${digest}.f32`);
  const { dimensions } = embedder;
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const flat = new Float32Array(texts.length * dimensions);
    for (let start = 0; start < texts.length; start += 200) {
      const vectors = await embedder.embed(texts.slice(start, start + 200));
      vectors.forEach((vector, i) => {
        flat.set(vector, (start + i) * dimensions);
      });
      process.stderr.write(`\rvectors ${Math.min(start + 200, texts.length)} of ${texts.length}`);
    }
    process.stderr.write('\n');
    writeFileSync(`${file}.part`, new Uint8Array(flat.buffer));
    renameSync(`${file}.part`, file);
  }
  const bytes = readFileSync(file);
  const flat = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return texts.map((_, i) => flat.subarray(i * dimensions, (i + 1) * dimensions));
}
