import type { SQL } from 'drizzle-orm';
import type { Drizzle } from '../database/database.ts';

/** The rows of one statement. The caller says what is in them: it has written the statement. */
export async function rowsOf<Row>(on: Pick<Drizzle, 'execute'>, statement: SQL): Promise<readonly Row[]> {
  return (await on.execute(statement)) as unknown as readonly Row[];
}
