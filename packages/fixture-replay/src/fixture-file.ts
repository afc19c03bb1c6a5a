import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { applyDelta } from './body-delta.ts';
import { ReplayError } from './errors.ts';
import type { Exchange, Fixture, RecordedRequest } from './fixture-format.ts';
import { formatVersion } from './fixture-format.ts';
import { fixtureText, type StoredRequest } from './fixture-text.ts';
import { isObject, listOf, objectOf, parseJson } from './json-value.ts';

/** More base64 than this goes into a file of its own. */
const maxInlineBase64 = 16 * 1024;

/**
 * Reads a fixture; undefined when there is no such file.
 * @throws ReplayError `ERR_REPLAY_FORMAT` when the file is no fixture of a version that is known
 */
export async function readFixture(file: string): Promise<Fixture | undefined> {
  const text = textOfFile(file);
  if (text === undefined) return undefined;
  const fixture = parseFixture(text, file);
  return { ...fixture, exchanges: await Promise.all(fixture.exchanges.map((exchange) => withBytes(exchange, file))) };
}

/**
 * The fixture in a text. Bytes that stand in files of their own are left there.
 * @throws ReplayError `ERR_REPLAY_FORMAT`
 */
export function parseFixture(text: string, file: string): Fixture {
  const fixture = objectOf(parseJson(text));
  if (typeof fixture.fixture === 'number' && fixture.fixture > formatVersion) {
    throw unreadable(
      file,
      `it has version ${fixture.fixture}, this package reads ${formatVersion}: update fixture-replay`,
    );
  }
  if (fixture.fixture !== formatVersion || !Array.isArray(fixture.exchanges)) {
    throw unreadable(file, 'it is no fixture (merge conflict?): restore it from version control, or record again');
  }
  const exchanges: Exchange[] = [];
  for (const stored of fixture.exchanges) exchanges.push(exchangeOf(stored, exchanges, file));
  // Its version says what the rest is, and every exchange was looked at above.
  return { ...(fixture as unknown as Fixture), transcript: listOf(fixture.transcript).map(String), exchanges };
}

function unreadable(file: string, problem: string): ReplayError {
  return new ReplayError('ERR_REPLAY_FORMAT', `Cannot read the fixture ${file}: ${problem}.`, { file });
}

function exchangeOf(stored: unknown, earlier: readonly Exchange[], file: string): Exchange {
  const { request, response, failure } = objectOf(stored);
  const { method, url } = objectOf(request);
  const answered = typeof objectOf(response).status === 'number' || isObject(failure);
  if (typeof method !== 'string' || typeof url !== 'string' || !URL.canParse(url) || !answered) {
    throw unreadable(file, `exchange ${earlier.length + 1} has no request, or no answer to it`);
  }
  const { extends: delta, ...rest } = request as StoredRequest;
  const exchange = stored as Exchange;
  if (!delta) return exchange;
  const body = applyDelta(delta, earlier[delta.exchange]?.request.body);
  if (!body) throw unreadable(file, `exchange ${earlier.length + 1} extends one that is not there`);
  return { ...exchange, request: { ...rest, body } as RecordedRequest };
}

async function withBytes(exchange: Exchange, file: string): Promise<Exchange> {
  const { response } = exchange;
  if (response?.file === undefined) return exchange;
  const bytes = await readFile(join(dirname(file), basename(response.file))).catch((cause: unknown) => {
    throw new ReplayError(
      'ERR_REPLAY_FORMAT',
      `${response.file}, which belongs to ${file}, is missing: record again.`,
      {
        file,
        cause,
      },
    );
  });
  const { file: _name, ...rest } = response;
  return { ...exchange, response: { ...rest, base64: bytes.toString('base64') } };
}

/** Read at once: a small file takes five times as long through the thread pool, and a test waits for it anyway. */
function textOfFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (objectOf(error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes a fixture so that whoever reads it, at whatever moment, finds the old one or the new one whole: into another file first, which
 * then takes its name.
 */
export async function writeFixture(file: string, fixture: Fixture): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const kept = new Set<string>();
  const exchanges: Exchange[] = [];
  for (const exchange of fixture.exchanges) exchanges.push(await withSidecar(exchange, file, kept));
  await replaceFile(file, fixtureText({ ...fixture, exchanges }));
  for (const name of await sidecarsOf(file)) if (!kept.has(name)) await rm(join(dirname(file), name), { force: true });
}

/** Removes a fixture with what belongs to it. */
export async function removeFixture(file: string): Promise<void> {
  const beside = await sidecarsOf(file);
  await rm(file, { force: true });
  for (const name of beside) await rm(join(dirname(file), name), { force: true });
}

async function withSidecar(exchange: Exchange, file: string, kept: Set<string>): Promise<Exchange> {
  const { response } = exchange;
  if (response?.base64 === undefined || response.base64.length <= maxInlineBase64) return exchange;
  const bytes = Buffer.from(response.base64, 'base64');
  // Named by its content: a fixture that is being replaced never points to the bytes of the other one.
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const name = `${sidecarPrefix(file)}${digest}.bin`;
  kept.add(name);
  await replaceFile(join(dirname(file), name), bytes);
  const { base64: _bytes, ...rest } = response;
  return { ...exchange, response: { ...rest, file: name } };
}

function sidecarPrefix(file: string): string {
  return `${basename(file, '.json')}.`;
}

async function sidecarsOf(file: string): Promise<string[]> {
  const names = await readdir(dirname(file)).catch(() => []);
  const prefix = sidecarPrefix(file);
  return names.filter((name) => name.startsWith(prefix) && /^[0-9a-f]{16}\.bin$/.test(name.slice(prefix.length)));
}

async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`;
  try {
    const handle = await open(draft, 'wx');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
