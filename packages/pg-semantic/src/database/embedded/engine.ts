import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { Row } from '../connection.ts';
import { Statements } from './statements.ts';
import { vacuum } from './vacuum.ts';
import type { EngineSettings, Failure, Note, Reply, Request } from './wire.ts';

/** Ends a transaction whose owner went silent, so that it does not block everybody else for ever. */
const silentTransactionMs = 30_000;

/** as often as a server's autovacuum looks */
const vacuumEveryMs = 60_000;

/** Whoever sends requests: the numbers of its transactions are its own. */
export interface Client {
  /** sends it a notification */
  hear(note: Note): void;
}

interface Turn {
  readonly client: Client;
  readonly number: number;
  readonly end: () => void;
  silence: NodeJS.Timeout;
}

const asText = (value: string): string => value;

/** The one session of an embedded Postgres, shared by turns: a statement, or a whole transaction, at a time. */
export class Engine {
  readonly #postgres: PGlite;
  readonly #statements: Pick<Statements, 'run'>;
  readonly #fatal: () => void;
  readonly #gone = new WeakSet<Client>();
  readonly #listening = new Map<string, Set<Client>>();
  /** transactions that were given up before their turn came */
  readonly #givenUp = new WeakMap<Client, Set<number>>();
  #queue: Promise<unknown> = Promise.resolve();
  #turn: Turn | undefined;
  readonly #vacuuming: NodeJS.Timeout;

  constructor(postgres: PGlite, fatal: () => void, statements: Pick<Statements, 'run'> = new Statements(postgres)) {
    this.#postgres = postgres;
    this.#statements = statements;
    this.#fatal = fatal;
    postgres.onNotification((channel, note) => {
      for (const client of this.#listening.get(channel) ?? []) client.hear({ channel, note });
    });
    // What keeps it from working fails the statements of others, too, and they hear of it.
    this.#vacuuming = setInterval(() => void this.#vacuum().catch(() => undefined), vacuumEveryMs);
    this.#vacuuming.unref();
  }

  async answer(client: Client, request: Request): Promise<Reply> {
    try {
      return await this.#do(client, request);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.fatal === true) this.#fatal();
      return { id: request.id, failure };
    }
  }

  async #do(client: Client, request: Request): Promise<Reply> {
    const { id } = request;
    if (request.does === 'begin') await this.#begin(client, request.turn);
    else if (request.does === 'end') await this.#endOf(client, request.turn, request.commit);
    else if (request.does === 'listen') await this.#listen(client, request.channel);
    else if (request.does === 'dump') return { id, dump: await this.#exclusive(() => this.#dump()) };
    else return { id, rows: await this.#inTurn(client, request.turn, () => this.#run(request)) };
    return { id, rows: [] };
  }

  /** The client's connection is lost: what it began is rolled back. */
  async forget(client: Client): Promise<void> {
    this.#gone.add(client);
    for (const clients of this.#listening.values()) clients.delete(client);
    if (this.#turn?.client === client) await this.#end(this.#turn, false).catch(() => undefined);
  }

  async #run(request: Extract<Request, { does: 'query' | 'script' }>): Promise<readonly Row[]> {
    if (request.does === 'script') {
      await this.#postgres.exec(request.text);
      return [];
    }
    return this.#statements.run(request.text, request.parameters, request.arrays);
  }

  async #inTurn<T>(client: Client, turn: number | undefined, work: () => Promise<T>): Promise<T> {
    if (turn === undefined) return this.#exclusive(work);
    const current = this.#turnOf(client, turn);
    current.silence.refresh();
    const result = await work();
    current.silence.refresh();
    return result;
  }

  #turnOf(client: Client, turn: number): Turn {
    const current = this.#turn;
    if (current?.client === client && current.number === turn) return current;
    throw overError();
  }

  /** Resolves when the transaction is open; everybody else waits until it ends. */
  #begin(client: Client, number: number): Promise<void> {
    const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
    void this.#exclusive(async () => {
      if (this.#gone.has(client) || this.#givenUp.get(client)?.delete(number)) return resolve();
      try {
        await this.#postgres.exec('begin');
      } catch (error) {
        return reject(error);
      }
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const turn: Turn = { client, number, end, silence: setTimeout(() => this.#giveUp(turn), silentTransactionMs) };
      this.#turn = turn;
      resolve();
      await ended;
    });
    return opened;
  }

  async #endOf(client: Client, number: number, commit: boolean): Promise<void> {
    const current = this.#turn;
    if (current?.client === client && current.number === number) return this.#end(current, commit);
    // It waits for its turn still, or was ended already because its client was silent.
    if (commit) throw overError();
    const givenUp = this.#givenUp.get(client) ?? new Set();
    this.#givenUp.set(client, givenUp.add(number));
  }

  /** For good: a channel costs nothing when nobody speaks. */
  async #listen(client: Client, channel: string): Promise<void> {
    const clients = this.#listening.get(channel);
    this.#listening.set(channel, (clients ?? new Set()).add(client));
    if (clients === undefined) await this.#exclusive(() => this.#postgres.exec(`listen "${channel}"`));
  }

  #giveUp(turn: Turn): void {
    this.#end(turn, false).catch(() => undefined);
  }

  async #end(turn: Turn, commit: boolean): Promise<void> {
    if (this.#turn !== turn) return;
    this.#turn = undefined;
    clearTimeout(turn.silence);
    try {
      await this.#postgres.exec(commit ? 'commit' : 'rollback');
    } finally {
      turn.end();
    }
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #dump(): Promise<Uint8Array> {
    return (await this.#postgres.dumpDataDir('none')).bytes();
  }

  /** Nobody else vacuums an embedded Postgres. The others' statements go in between. */
  async #vacuum(): Promise<void> {
    await vacuum({
      query: (text) => this.#exclusive(() => this.#statements.run(text, [], false)),
      script: (text) => this.#exclusive(() => this.#postgres.exec(text)),
    });
  }

  /** Resolves when all that was asked before is answered. */
  async idle(): Promise<void> {
    await this.#exclusive(async () => undefined);
  }

  async close(): Promise<void> {
    clearInterval(this.#vacuuming);
    await this.#exclusive(() => this.#postgres.close());
  }
}

// PGlite's own go byte by byte and take a tenth of a second for a megabyte.
function hexOf(bytes: Uint8Array | string): string {
  return typeof bytes === 'string' ? bytes : `\\x${Buffer.from(bytes).toString('hex')}`;
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'));
}

function overError(): Error {
  return new Error(`the transaction is over: it was rolled back after ${silentTransactionMs} ms without a statement`);
}

/** Opens the database, with the settings that a connection to a server would carry. */
export async function openEngine(settings: EngineSettings, fatal: () => void): Promise<Engine> {
  const { directory, draft } = settings;
  if (directory !== undefined && draft !== undefined && !existsSync(directory))
    await makeDatabase(settings, directory, draft);
  const postgres = await openPGlite(directory, directory === undefined ? settings.snapshot : undefined);
  await postgres.exec('create extension if not exists vector');
  await postgres.exec("load 'vector'; set hnsw.iterative_scan = relaxed_order; set hnsw.ef_search = 40");
  // Statements are planned once, like those of a server's connections; nobody gathers statistics here, so the planner must not take a table
  // for small that was empty when it planned.
  await postgres.exec('set plan_cache_mode = force_generic_plan; set enable_seqscan = off');
  return new Engine(postgres, fatal);
}

/** All or nothing: a process can be killed in the seconds that this takes. */
async function makeDatabase({ snapshot }: EngineSettings, directory: string, draft: string): Promise<void> {
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  await (await openPGlite(draft, snapshot)).close();
  renameSync(draft, directory);
}

function openPGlite(directory: string | undefined, snapshot?: Uint8Array): Promise<PGlite> {
  return PGlite.create({
    ...(directory === undefined ? {} : { dataDir: directory }),
    ...(snapshot === undefined ? {} : { loadDataDir: new Blob([new Uint8Array(snapshot)]) }),
    extensions: { vector },
    relaxedDurability: false,
    // As the server's driver hands them out: dates as text.
    parsers: { 1082: asText, 1114: asText, 1184: asText, 17: bytesOf },
    serializers: { 17: hexOf },
  });
}

/** An error without a code of Postgres comes from the machine it runs on, which has then stopped. */
function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const sqlState = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof sqlState === 'string' && /^[0-9A-Z]{5}$/.test(sqlState)) return { message, sqlState };
  const fatal = error instanceof Error && ['RuntimeError', 'ExitStatus'].includes(error.name);
  return { message, fatal };
}
