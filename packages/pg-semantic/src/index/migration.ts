/** An answer or wording without an end: the largest bigint. */
export const forEver = '9223372036854775807';

/**
 * The tables of `semanticIndex`.
 *
 * `scope_hash` covers tenant and scope, so a row is found only by who knows both; `tenant` stands beside it, in every key and every
 * statement, for people and for deletions. Vectors have no fixed length, because models change. They stay in their row up to 8 kB
 * (`external` storage and `toast_tuple_target`): a scan that has to fetch every vector from elsewhere is several times slower.
 */
export const indexMigration: readonly string[] = [
  `create table agent_cache.ac_answer (
    id bigint generated always as identity primary key,
    tenant text not null,
    scope_hash bytea not null,
    category text not null,
    value bytea not null,
    model text,
    input_tokens double precision,
    output_tokens double precision,
    pico_usd numeric,
    compute_ms double precision,
    tags text[] not null,
    sources jsonb not null,
    created_at bigint not null,
    ends_at bigint not null,
    must_end_at bigint not null,
    hits bigint not null default 0,
    last_hit_at bigint,
    rights integer not null default 0,
    wrongs integer not null default 0
  )`,
  'create index ac_answer_tags on agent_cache.ac_answer using gin (tags) with (fastupdate = off)',
  'create index ac_answer_ends_at on agent_cache.ac_answer (ends_at)',
  `create table agent_cache.ac_prompt (
    id bigint generated always as identity primary key,
    answer_id bigint not null references agent_cache.ac_answer on delete cascade,
    tenant text not null,
    scope_hash bytea not null,
    prompt text not null,
    prompt_hash bytea not null,
    model_id smallint references agent_cache.ac_model,
    embedding vector,
    words tsvector not null,
    ends_at bigint not null,
    learned_at bigint not null,
    unique (scope_hash, prompt_hash, tenant)
  ) with (toast_tuple_target = 8160)`,
  'alter table agent_cache.ac_prompt alter column embedding set storage external',
  'create index ac_prompt_answer on agent_cache.ac_prompt (answer_id)',
  'create index ac_prompt_model on agent_cache.ac_prompt (model_id, id)',
  'create index ac_prompt_tenant on agent_cache.ac_prompt (tenant)',
  'create index ac_prompt_words on agent_cache.ac_prompt using gin (words) with (fastupdate = off)',
  `create table agent_cache.ac_ban (
    tenant text not null,
    scope_hash bytea not null,
    words_hash bytea not null,
    answer_id bigint not null,
    primary key (scope_hash, words_hash, answer_id, tenant)
  )`,
  'create index ac_ban_answer on agent_cache.ac_ban (answer_id)',
  `create table agent_cache.ac_gone (
    id bigint generated always as identity primary key,
    at bigint not null,
    tags text[],
    source text,
    older_than double precision,
    tenant text,
    scope_hash bytea,
    model_id smallint,
    embedding vector,
    at_least double precision
  )`,
  `create table agent_cache.ac_label (
    id bigint generated always as identity primary key,
    model_id smallint not null references agent_cache.ac_model,
    category text not null,
    policy text not null,
    writer uuid not null,
    prompt_id text not null,
    answer_id text not null,
    similarity double precision not null,
    features double precision[] not null,
    is_right boolean not null,
    source text not null,
    at bigint not null
  )`,
  'create index ac_label_newest on agent_cache.ac_label (model_id, category, policy, id desc)',
  `create table agent_cache.ac_review (
    id bigint generated always as identity primary key,
    hit_id text not null unique,
    tenant text not null,
    asked text not null,
    matched text not null,
    similarity double precision not null,
    why text not null,
    at bigint not null,
    verdict text
  )`,
  'create index ac_review_open on agent_cache.ac_review (id) where verdict is null',
  `alter table agent_cache.ac_model
    add column started_at bigint not null default 0,
    add column renewing_until bigint not null default 0,
    add column renewed_by uuid`,
];

/** Each person's verdict on a hit counts once. `only_words`: found by the very same words, and by no others. */
export const verdictMigration: readonly string[] = [
  `create table agent_cache.ac_verdict (
    hit_hash bytea not null,
    source text not null,
    verdict text not null,
    at bigint not null,
    primary key (hit_hash, source)
  )`,
  'create index ac_verdict_at on agent_cache.ac_verdict (at)',
  'alter table agent_cache.ac_prompt add column only_words boolean not null default false',
];

/** `matched`: hashes of the wordings whose answer was wrong. Learned anew they get other answers, which may say the same. */
export const pairMigration: readonly string[] = [
  `alter table agent_cache.ac_ban add column matched bytea[] not null default '{}', add column at bigint not null default 0`,
];
