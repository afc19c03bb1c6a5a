import { TransactionRollbackError } from 'drizzle-orm/errors';
import { drizzle } from 'drizzle-orm/pg-proxy';
import type { Connection, Session } from './connection.ts';
import type { Drizzle } from './database.ts';
import { toParameter } from './parameters.ts';

/** drizzle on a connection of ours, with transactions, which drizzle's own proxy driver does not offer. */
export function drizzleOver(connection: Connection): Drizzle {
  return withTransactions(connection, (work) => connection.transaction(work));
}

type Transact = (work: (session: Session) => Promise<unknown>) => Promise<unknown>;

function withTransactions(session: Session, transact: Transact): Drizzle {
  const database = drizzle(async (text, parameters, method) => {
    const rows = await session.query(text, parameters.map(toParameter), method === 'all');
    // drizzle asks for a mutable array, and makes its own of it.
    return { rows: rows as unknown[] };
  });
  withPlainErrors(database._.session);
  const transaction = (work: (inner: unknown) => Promise<unknown>): Promise<unknown> =>
    transact((inner) => work(insideTransaction(inner, 1)));
  // The proxy driver's own type has no room for our transactions; everything else is drizzle's database.
  return Object.assign(database, { transaction }) as unknown as Drizzle;
}

interface Prepared {
  queryWithCache(text: string, parameters: unknown, run: () => Promise<unknown>): Promise<unknown>;
}

/** drizzle wraps a failure in one of its own, whose message repeats the statement with all its parameters: prompts and answers. */
function withPlainErrors(session: unknown): void {
  const { prepareQuery } = session as { prepareQuery: (...args: unknown[]) => Prepared };
  const plain = (...args: unknown[]): Prepared =>
    Object.assign(prepareQuery.apply(session, args), {
      queryWithCache: (_text: string, _parameters: unknown, run: () => Promise<unknown>) => run(),
    });
  Object.assign(session as object, { prepareQuery: plain });
}

/** What `transaction` hands to its callback: the same again, where a nested transaction is a savepoint. */
function insideTransaction(session: Session, depth: number): unknown {
  const name = `ac_savepoint_${depth}`;
  const savepoint: Transact = async (work) => {
    await session.script(`savepoint ${name}`);
    try {
      const result = await work(session);
      await session.script(`release savepoint ${name}`);
      return result;
    } catch (error) {
      await session.script(`rollback to savepoint ${name}`);
      throw error;
    }
  };
  const rollback = (): never => {
    throw new TransactionRollbackError();
  };
  const transaction = (work: (inner: unknown) => Promise<unknown>): Promise<unknown> =>
    savepoint((inner) => work(insideTransaction(inner, depth + 1)));
  return Object.assign(withTransactions(session, savepoint), { transaction, rollback });
}
