import { sql } from 'drizzle-orm';
import type { Drizzle } from '../database/database.ts';
import type { Candidate } from '../policy.ts';
import type { Asked } from './asked.ts';
import { notBanned } from './candidates.ts';
import { rowsOf } from './rows.ts';

/** What is served, as it stands now. */
export interface StoredAnswer {
  readonly promptId: string;
  readonly answerId: string;
  readonly prompt: string;
  readonly value: Uint8Array;
  readonly tags: readonly string[];
  readonly endsAt: number | bigint;
  readonly model: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly picoUsd: string | null;
  readonly computeMs: number | null;
}

const storedColumns = sql.raw(`p.id::text as "promptId", a.id::text as "answerId", p.prompt, a.value, a.tags,
  least(a.ends_at, p.ends_at) as "endsAt", a.model, a.input_tokens as "inputTokens", a.output_tokens as "outputTokens",
  a.pico_usd::text as "picoUsd", a.compute_ms as "computeMs"`);

/** What one look for the same words finds: an answer or none, and where the sequence of invalidations stands. */
export interface SameWords {
  readonly stored: StoredAnswer | undefined;
  readonly sequence: number;
}

/** For each question the answer that is stored for its very characters. */
export async function sameWordsOf(on: Drizzle, asked: readonly Asked[], now: number): Promise<readonly SameWords[]> {
  const list = (of: (each: Asked) => unknown) => sql`${sql.param(asked.map(of))}`;
  const rows = await rowsOf<StoredAnswer & { question: number; sequence: number }>(
    on,
    sql`select asked.place as question, (select coalesce(max(id), 0) from agent_cache.ac_gone) as sequence, found.*
      from unnest(${list(({ space }) => space.scopeHash)}::bytea[], ${list(({ promptHash }) => promptHash)}::bytea[],
        ${list(({ space }) => space.tenant)}::text[], ${list(({ wordsHash }) => wordsHash)}::bytea[])
        with ordinality as asked(scope_hash, prompt_hash, tenant, words_hash, place)
      left join lateral (
        select ${storedColumns} from agent_cache.ac_prompt p join agent_cache.ac_answer a on a.id = p.answer_id
        where p.scope_hash = asked.scope_hash and p.prompt_hash = asked.prompt_hash and p.tenant = asked.tenant
          and p.ends_at > ${now} and a.ends_at > ${now} and a.tenant = asked.tenant
          and ${notBanned(sql`asked.scope_hash`, sql`asked.words_hash`, sql`asked.tenant`)}
      ) found on true`,
  );
  const same: SameWords[] = asked.map(() => ({ stored: undefined, sequence: 0 }));
  for (const row of rows) {
    same[row.question - 1] = { stored: row.answerId ? row : undefined, sequence: Number(row.sequence) };
  }
  return same;
}

/** A proposed answer as the primary has it now; undefined when it has gone, ended or been banned since. */
export async function confirmed(
  primary: Drizzle,
  { space, wordsHash }: Asked,
  { promptId, answerId }: Pick<Candidate, 'promptId' | 'answerId'>,
  now: number,
): Promise<StoredAnswer | undefined> {
  const [row] = await rowsOf<StoredAnswer>(
    primary,
    sql`select ${storedColumns} from agent_cache.ac_prompt p join agent_cache.ac_answer a on a.id = p.answer_id
      where p.id = ${promptId}::bigint and a.id = ${answerId}::bigint and p.scope_hash = ${space.scopeHash}
        and p.tenant = ${space.tenant} and a.tenant = ${space.tenant} and a.scope_hash = ${space.scopeHash}
        and p.ends_at > ${now} and a.ends_at > ${now}
        and ${notBanned(sql`${space.scopeHash}`, sql`${wordsHash}`, sql`${space.tenant}`)}`,
  );
  return row;
}
