/** The tables of `messageHistory`. Threads, users and message ids are hashed: they can hold any character and have any length. */
export const historyMigration: readonly string[] = [
  `create table agent_cache.ac_message (
    tenant text not null,
    thread bytea not null,
    place bigint not null,
    id bytea not null,
    person bytea,
    role text not null,
    at double precision not null,
    data bytea not null,
    words tsvector not null,
    embedding vector,
    model_id smallint references agent_cache.ac_model,
    -- how often the embedder has failed on it
    failures smallint not null default 0,
    primary key (tenant, thread, place),
    unique (tenant, thread, id)
  ) with (toast_tuple_target = 8160)`,
  'alter table agent_cache.ac_message alter column embedding set storage external',
  'create index ac_message_person on agent_cache.ac_message (tenant, person) where person is not null',
  'create index ac_message_bare on agent_cache.ac_message (tenant, place) where embedding is null',
  // The place of each message, in the order of the messages; those that are there already keep theirs.
  `create function agent_cache.ac_append(
    owner text, of bytea, ids bytea[], people bytea[], roles text[], ats double precision[], contents bytea[], texts text[],
    language regconfig, channel text, note text
  ) returns bigint[] language plpgsql as $$
  declare
    places bigint[] := '{}';
    next bigint;
    known bigint;
  begin
    perform agent_cache.ac_lock(owner, of);
    select coalesce(max(place) + 1, 0) into next from agent_cache.ac_message where tenant = owner and thread = of;
    for n in 1 .. cardinality(ids) loop
      select place into known from agent_cache.ac_message where tenant = owner and thread = of and id = ids[n];
      if known is null then
        known := next;
        next := next + 1;
        insert into agent_cache.ac_message (tenant, thread, place, id, person, role, at, data, words)
        values (owner, of, known, ids[n], people[n], roles[n], ats[n], contents[n], to_tsvector(language, texts[n]));
      end if;
      places := places || known;
    end loop;
    perform pg_notify(channel, note);
    return places;
  end $$`,
  // Any of the words, instead of all of them: a question seldom repeats every word of what it asks for.
  `create function agent_cache.ac_any_word(language regconfig, question text) returns tsquery language sql immutable as $$
    select coalesce(
      string_agg('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''', ' | '), ''
    )::tsquery from unnest(to_tsvector(language, question))
  $$`,
];
