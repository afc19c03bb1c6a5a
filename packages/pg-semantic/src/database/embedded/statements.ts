import { type PGlite, parse, protocol } from '@electric-sql/pglite';
import type { Row } from '../connection.ts';

const { serialize } = protocol;

/** More than this package has; what a program of its own asks comes on top. */
const maxPrepared = 100;

type Message = Parameters<typeof parse.parseResults>[0][number];

interface Prepared {
  readonly name: string;
  readonly parameterTypes: readonly number[];
  /** tells how rows are to be read */
  readonly description: readonly Message[];
}

/**
 * Statements that the session keeps prepared, so that each is parsed and planned once: half the time of a lookup went into that. PGlite's
 * own `query` does both every time, and enters Postgres six times to do it.
 */
export class Statements {
  readonly #postgres: PGlite;
  /** by their text, the longest unused first */
  readonly #prepared = new Map<string, Prepared>();
  #count = 0;

  constructor(postgres: PGlite) {
    this.#postgres = postgres;
  }

  run(text: string, parameters: readonly unknown[], arrays: boolean): Promise<readonly Row[]> {
    return this.#postgres.runExclusive(async () => {
      const wasKept = this.#prepared.has(text);
      try {
        return await this.#execute(text, parameters, arrays);
      } catch (error) {
        await this.#forget(text);
        if (!wasKept || !isOutdated(error)) throw error;
        return this.#execute(text, parameters, arrays).catch((again: unknown) => {
          // Inside a transaction the first failure has ended it, and is the one that tells why.
          throw isAborted(again) ? error : again;
        });
      }
    });
  }

  async #execute(text: string, parameters: readonly unknown[], arrays: boolean): Promise<readonly Row[]> {
    const prepared = this.#prepared.get(text) ?? (await this.#prepare(text));
    this.#prepared.delete(text);
    this.#prepared.set(text, prepared);
    const { name, parameterTypes, description } = prepared;
    const values = parameters.map((parameter, place) => this.#textOf(parameter, parameterTypes[place]));
    const messages = await this.#send(serialize.bind({ statement: name, values }), serialize.execute({}));
    const [result] = parse.parseResults([...description, ...messages], this.#postgres.parsers, {
      rowMode: arrays ? 'array' : 'object',
    });
    return (result?.rows ?? []) as readonly Row[];
  }

  async #prepare(text: string): Promise<Prepared> {
    const [oldest] = this.#prepared.keys();
    if (oldest !== undefined && this.#prepared.size >= maxPrepared) await this.#forget(oldest);
    this.#count += 1;
    const name = `agent_cache_${this.#count}`;
    const messages = await this.#send(serialize.parse({ name, text }), serialize.describe({ type: 'S', name }));
    const parameterTypes = parse.parseDescribeStatementResults([...messages]);
    return { name, parameterTypes, description: messages.filter((message) => message.name === 'rowDescription') };
  }

  #textOf(parameter: unknown, type: number | undefined): string | null {
    if (parameter === null || parameter === undefined) return null;
    const write = type === undefined ? undefined : this.#postgres.serializers[type];
    return write === undefined ? String(parameter) : write(parameter);
  }

  async #forget(text: string): Promise<void> {
    const prepared = this.#prepared.get(text);
    this.#prepared.delete(text);
    if (prepared !== undefined) await this.#send(serialize.close({ type: 'S', name: prepared.name }));
  }

  async #send(...parts: readonly Uint8Array[]): Promise<readonly Message[]> {
    const { messages } = await this.#postgres.execProtocol(Buffer.concat([...parts, serialize.sync()]));
    return messages;
  }
}

/** Nothing is done any more in a transaction in which something has failed. */
function isAborted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '25P02';
}

/** Its tables have other columns by now. */
function isOutdated(error: unknown): boolean {
  return error instanceof Error && 'routine' in error && error.routine === 'RevalidateCachedQuery';
}
