import { type SQL, sql } from 'drizzle-orm';
import type { Drizzle } from '../database/database.ts';
import type { Candidate } from '../policy.ts';
import type { Asked } from './asked.ts';
import { notBanned } from './not-banned.ts';
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

/** of a wording `p` and its answer `a` */
export const storedColumns: SQL =
  sql.raw(`p.id::text as "promptId", a.id::text as "answerId", p.prompt, a.value, a.tags,
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
    sql`select asked.place as question, ${lastInvalidation} as sequence, found.*
      from unnest(${list(({ space }) => space.scopeHash)}::bytea[], ${list(({ promptHash }) => promptHash)}::bytea[],
        ${list(({ space }) => space.tenant)}::text[], ${list(({ wordsHash }) => wordsHash)}::bytea[])
        with ordinality as asked(scope_hash, prompt_hash, tenant, words_hash, place)
      left join lateral (
        ${storedFor(
          {
            scopeHash: sql`asked.scope_hash`,
            promptHash: sql`asked.prompt_hash`,
            tenant: sql`asked.tenant`,
            wordsHash: sql`asked.words_hash`,
          },
          sql`${now}`,
        )}
      ) found on true`,
  );
  const same: SameWords[] = asked.map(() => ({ stored: undefined, sequence: 0 }));
  for (const row of rows) {
    same[row.question - 1] = { stored: row.answerId ? row : undefined, sequence: Number(row.sequence) };
  }
  return same;
}

/** The answer of one question's very characters. */
export function storedFor(asked: Record<'scopeHash' | 'promptHash' | 'tenant' | 'wordsHash', SQL>, now: SQL): SQL {
  const { scopeHash, promptHash, tenant, wordsHash } = asked;
  return sql`select ${storedColumns} from agent_cache.ac_prompt p join agent_cache.ac_answer a on a.id = p.answer_id
    where p.scope_hash = ${scopeHash} and p.prompt_hash = ${promptHash} and p.tenant = ${tenant}
      and p.ends_at > ${now} and a.ends_at > ${now} and a.tenant = ${tenant} and ${notBanned(scopeHash, wordsHash, tenant)}`;
}

/** where the sequence of invalidations stands */
export const lastInvalidation: SQL = sql.raw('(select coalesce(max(id), 0) from agent_cache.ac_gone)');

/** An answer that somebody proposes for a question. */
export interface Proposal {
  readonly asked: Pick<Asked, 'space' | 'wordsHash'>;
  readonly candidate: Pick<Candidate, 'promptId' | 'answerId'>;
}

/** Proposed answers as the primary has them now; undefined for those that have gone, ended or been banned since. */
export async function confirmed(
  primary: Drizzle,
  proposals: readonly Proposal[],
  now: number,
): Promise<readonly (StoredAnswer | undefined)[]> {
  const list = (of: (proposal: Proposal) => unknown) => sql`${sql.param(proposals.map(of))}`;
  const rows = await rowsOf<StoredAnswer & { proposal: number }>(
    primary,
    sql`select asked.place as proposal, ${storedColumns}
      from unnest(${list(({ candidate }) => candidate.promptId)}::bigint[], ${list(({ candidate }) => candidate.answerId)}::bigint[],
        ${list(({ asked }) => asked.space.scopeHash)}::bytea[], ${list(({ asked }) => asked.space.tenant)}::text[],
        ${list(({ asked }) => asked.wordsHash)}::bytea[])
        with ordinality as asked(prompt_id, answer_id, scope_hash, tenant, words_hash, place)
      join agent_cache.ac_prompt p on p.id = asked.prompt_id and p.scope_hash = asked.scope_hash and p.tenant = asked.tenant
      join agent_cache.ac_answer a on a.id = asked.answer_id and a.id = p.answer_id and a.scope_hash = asked.scope_hash and a.tenant = asked.tenant
      where p.ends_at > ${now} and a.ends_at > ${now}
        and ${notBanned(sql`asked.scope_hash`, sql`asked.words_hash`, sql`asked.tenant`)}`,
  );
  const found: (StoredAnswer | undefined)[] = proposals.map(() => undefined);
  for (const row of rows) found[row.proposal - 1] = row;
  return found;
}
