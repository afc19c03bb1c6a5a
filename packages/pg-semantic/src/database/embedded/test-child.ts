import { PostgresError } from '../errors.ts';
import { EmbeddedConnection } from './embedded-connection.ts';
import { type SharedEngine, sharedEngine } from './shared-engine.ts';

/** What the child of a test is told. */
export type Order =
  | { readonly does: 'open'; readonly directory: string }
  | { readonly does: 'insert'; readonly from: number; readonly count: number }
  | { readonly does: 'begin and hang' }
  | { readonly does: 'who owns' };

/** What it tells. */
export type News =
  | { readonly is: 'open' }
  | { readonly is: 'done' }
  | { readonly is: 'owner'; readonly owner: boolean }
  | { readonly is: 'kept'; readonly row: number }
  | { readonly is: 'failed'; readonly row: number; readonly code: string; readonly retriable: boolean };

let engine: SharedEngine;
let connection: EmbeddedConnection;

const tell = (news: News): unknown => process.send?.(news);

async function insert(row: number): Promise<void> {
  try {
    await connection.query('insert into kept (row) values ($1)', [row], false);
    tell({ is: 'kept', row });
  } catch (error) {
    if (!PostgresError.isInstance(error)) throw error;
    tell({ is: 'failed', row, code: error.code, retriable: error.retriable });
  }
}

async function obey(order: Order): Promise<void> {
  switch (order.does) {
    case 'open':
      engine = await sharedEngine(order.directory);
      connection = new EmbeddedConnection(engine, 60_000);
      await connection.script('create table if not exists kept (row integer primary key)');
      tell({ is: 'open' });
      return;
    case 'insert':
      for (let row = order.from; row < order.from + order.count; row += 1) await insert(row);
      tell({ is: 'done' });
      return;
    case 'begin and hang':
      await connection.transaction(async (session) => {
        await session.query('insert into kept (row) values (-1)', [], false);
        tell({ is: 'done' });
        await new Promise(() => setInterval(() => undefined, 1_000));
      });
      return;
    case 'who owns':
      tell({ is: 'owner', owner: engine.isOwner });
  }
}

process.on('message', (order: Order) => void obey(order));
