import type { Connection, Row, Session } from '../connection.ts';
import { PostgresError } from '../errors.ts';
import type { Link } from './link.ts';
import type { Reply } from './wire.ts';

/** Where the engine is now: here, in another process, or on its way. */
export interface EngineSource {
  link(): Promise<Link>;
  close(): Promise<void>;
}

/** The embedded Postgres as a connection. */
export class EmbeddedConnection implements Connection {
  readonly #source: EngineSource;
  #lastTurn = 0;

  constructor(source: EngineSource) {
    this.#source = source;
  }

  async query(text: string, parameters: readonly unknown[], arrays: boolean): Promise<readonly Row[]> {
    return rowsOf(await (await this.#source.link()).ask({ does: 'query', text, parameters, arrays }));
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
    await link.ask({ does: 'begin', turn });
    let result: T;
    try {
      result = await work(sessionOf(link, turn));
    } catch (error) {
      await link.ask({ does: 'end', turn, commit: false }).catch(() => undefined);
      throw error;
    }
    await link.ask({ does: 'end', turn, commit: true });
    return result;
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

function sessionOf(link: Link, turn: number): Session {
  return {
    query: async (text, parameters, arrays) =>
      rowsOf(await link.ask({ does: 'query', text, parameters, arrays, turn })),
    script: async (text) => {
      await link.ask({ does: 'script', text, turn });
    },
  };
}

function rowsOf(reply: Reply): readonly Row[] {
  return 'rows' in reply ? reply.rows : [];
}
