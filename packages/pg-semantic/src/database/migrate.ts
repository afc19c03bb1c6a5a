import type { Connection, Session } from './connection.ts';
import { PostgresError } from './errors.ts';
import { type Migration, schemaName } from './migrations.ts';

/** "ac" twice: any number will do as long as every version of this package takes the same. */
const lockId = 0x6163_6163;

/** Brings the schema up to the last of the steps, in one transaction; of several processes that open at once, one does it and the others wait. */
export async function migrate(connection: Connection, steps: readonly Migration[]): Promise<void> {
  if ((await appliedSteps(connection)) === steps.length) return;
  await connection.transaction(async (session) => {
    await session.query('select pg_advisory_xact_lock($1)', [lockId], false);
    // An advisory lock does not make a session hear what others have committed meanwhile, as opening a table does: without this, one that
    // has waited still believes that there is no schema.
    await session.query('select 1 from pg_namespace where nspname = $1', [schemaName], false);
    await session.script(
      `create schema if not exists ${schemaName};
       create table if not exists ${schemaName}.ac_migration (id integer primary key, name text not null)`,
    );
    for (const step of steps.slice(await appliedSteps(session))) await apply(session, step);
  });
  const applied = await appliedSteps(connection);
  if (applied > steps.length) throw newerSchema(applied, steps.length);
}

async function apply(session: Session, step: Migration): Promise<void> {
  for (const statement of step.sql) await session.script(statement);
  await session.query(`insert into ${schemaName}.ac_migration (id, name) values ($1, $2)`, [step.id, step.name], false);
}

async function appliedSteps(session: Session): Promise<number> {
  const [there] = await session.query(`select to_regclass('${schemaName}.ac_migration') is not null`, [], true);
  if (!isTrue(there)) return 0;
  const [row] = await session.query(`select coalesce(max(id), 0)::int from ${schemaName}.ac_migration`, [], true);
  return Array.isArray(row) ? Number(row[0]) : 0;
}

function isTrue(row: unknown): boolean {
  return Array.isArray(row) && row[0] === true;
}

function newerSchema(applied: number, known: number): PostgresError {
  return new PostgresError(
    'ERR_PG_SEMANTIC_NEWER_SCHEMA',
    `schema "${schemaName}" is at step ${applied} and this version of @agent-cache/pg-semantic knows ${known}; upgrade the package here, or use a database of its own`,
  );
}
