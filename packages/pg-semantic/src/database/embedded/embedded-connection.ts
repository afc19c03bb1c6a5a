import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, NoteListener, Row, Session } from '../connection.ts';
import { within } from '../deadline.ts';
import { PostgresError } from '../errors.ts';
import type { Link } from './link.ts';
import type { Reply } from './wire.ts';

const tryAgainMs = 100;

/** Where the engine is now: here, in another process, or on its way. */
export interface EngineSource {
  link(): Promise<Link>;
  readonly isClosed: boolean;
  close(): Promise<void>;
}

/** The embedded Postgres as a connection. */
export class EmbeddedConnection implements Connection {
  readonly #source: EngineSource;
  readonly #statementTimeoutMs: number;
  #lastTurn = 0;

  constructor(source: EngineSource, statementTimeoutMs: number) {
    this.#source = source;
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  query(text: string, parameters: readonly unknown[], arrays: boolean): Promise<readonly Row[]> {
    const asked = this.#source.link().then((link) => link.ask({ does: 'query', text, parameters, arrays }));
    return within(this.#statementTimeoutMs, asked).then(rowsOf);
  }

  async script(text: string): Promise<void> {
    await (await this.#source.link()).ask({ does: 'script', text });
  }

  maintain(statement: string): Promise<void> {
    return this.script(statement);
  }

  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const link = await this.#source.link();
    this.#lastTurn += 1;
    const turn = this.#lastTurn;
    await within(this.#statementTimeoutMs, link.ask({ does: 'begin', turn })).catch(async (error) => {
      // It may begin later, and would block everybody else.
      void link.ask({ does: 'end', turn, commit: false }).catch(() => undefined);
      throw error;
    });
    let result: T;
    try {
      result = await work(sessionOf(link, turn, this.#statementTimeoutMs));
    } catch (error) {
      await link.ask({ does: 'end', turn, commit: false }).catch(() => undefined);
      throw error;
    }
    await link.ask({ does: 'end', turn, commit: true });
    return result;
  }

  listen(channel: string, listener: NoteListener): () => void {
    const stop = new AbortController();
    void follow(this.#source, channel, listener, stop.signal);
    return () => stop.abort();
  }

  /** All files of the database as a tar archive. */
  async dump(): Promise<Uint8Array> {
    const reply = await (await this.#source.link()).ask({ does: 'dump' });
    if ('dump' in reply) return reply.dump;
    throw new PostgresError('ERR_PG_SEMANTIC_STATEMENT', 'the embedded Postgres sent no archive');
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

function sessionOf(link: Link, turn: number, timeoutMs: number): Session {
  return {
    query: async (text, parameters, arrays) =>
      rowsOf(await within(timeoutMs, link.ask({ does: 'query', text, parameters, arrays, turn }))),
    script: async (text) => {
      await link.ask({ does: 'script', text, turn });
    },
  };
}

function rowsOf(reply: Reply): readonly Row[] {
  return 'rows' in reply ? reply.rows : [];
}

/** Listens to whoever is the engine, one after the other. */
async function follow(source: EngineSource, channel: string, listener: NoteListener, stop: AbortSignal): Promise<void> {
  const onNote = (text: string): void => {
    if (!stop.aborted) listener.note(text);
  };
  while (!stop.aborted) {
    const link = await source.link().catch(() => undefined);
    if (link === undefined) {
      if (source.isClosed) return;
      await delay(tryAgainMs, undefined, { ref: false });
      continue;
    }
    await link.listen(channel, onNote).then(
      () => !stop.aborted && listener.up(),
      () => undefined,
    );
    await Promise.race([link.left, once(stop, 'abort').catch(() => undefined)]);
    link.unlisten(channel, onNote);
    if (!stop.aborted) listener.down();
  }
}
