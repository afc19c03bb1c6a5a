import { hash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database, Drizzle } from '../database/database.ts';
import type { Embedder } from '../embedder.ts';
import { FunctionEmbedder } from './function-embedder.ts';

/** Cosine distance up to which two vectors of one text are of the same model: some APIs answer a little differently each time. */
const sameModel = 0.001;
/** so that two processes which start at once do not take a new function for two models */
const functionLock = 0x6163_666e;

/**
 * The number that stands for an embedder in the tables; a new one gets one. The model is told by `id` and length, because vectors of other
 * lengths are of another model even if it says it is the same; that of a function by the vector it gives to a fixed text.
 *
 * @param startedAt when an index began to use it, ms since the epoch
 */
export function modelIdOf({ primary }: Pick<Database, 'primary'>, embedder: Embedder, startedAt = 0): Promise<number> {
  return embedder instanceof FunctionEmbedder
    ? functionIdOf(primary, embedder, startedAt)
    : named(primary, { name: embedder.id, dimensions: embedder.dimensions, startedAt });
}

async function functionIdOf(primary: Drizzle, embedder: FunctionEmbedder, startedAt: number): Promise<number> {
  const probe = await embedder.probe();
  const { id, dimensions } = embedder;
  if (probe === undefined) return named(primary, { name: id, dimensions, startedAt });
  return primary.transaction(async (inner) => {
    await inner.execute(sql`select pg_advisory_xact_lock(${functionLock})`);
    // Vectors of different lengths are not to be compared, whatever order conditions are looked at in.
    const distance = sql`case when dimensions = ${dimensions} then probe <=> ${probe}::vector end`;
    const known = await inner.execute(sql`select name from agent_cache.ac_model
      where ${distance} < ${sameModel} order by ${distance}, id limit 1`);
    const [row] = known as unknown as readonly { name: string }[];
    const name = row?.name ?? `${id} ${hash('sha256', new Uint8Array(probe.buffer)).slice(0, 16)}`;
    return named(inner, { name, dimensions, startedAt, probe });
  });
}

async function named(
  on: Drizzle,
  model: {
    readonly name: string;
    readonly dimensions: number;
    readonly startedAt: number;
    readonly probe?: Float32Array;
  },
): Promise<number> {
  const { name, dimensions, startedAt, probe } = model;
  const full = `${name}#${dimensions}`;
  const start = sql`set started_at = greatest(m.started_at, ${startedAt}::bigint)`;
  const known = await on.execute(sql`update agent_cache.ac_model m ${start} where name = ${full} returning id`);
  // Not for a known one: an insert takes a number, even one that comes to nothing, and there are 32,767.
  const rows =
    (known as unknown as readonly unknown[]).length > 0
      ? known
      : await on.execute(sql`insert into agent_cache.ac_model as m (name, dimensions, started_at, probe)
          values (${full}, ${dimensions}, ${startedAt}, ${probe ?? null}::vector) on conflict (name) do update ${start} returning id`);
  const [row] = rows as unknown as readonly { id: number }[];
  return Number(row?.id);
}
