/**
 * The tables of `postgresTier` and its functions: what must be one step is one function, so that it is one round trip as well. A function sees
 * what was committed while it waited for a lock; a single statement would not.
 *
 * Locks are taken in one order: the key's (advisory), then the namespace's row in `ac_state`. Times are the caller's clock, ms since epoch.
 */
export const tierMigration: readonly string[] = [
  'create sequence agent_cache.ac_stamp',
  `create table agent_cache.ac_state (
    namespace text primary key,
    generation text not null,
    sequence bigint not null,
    -- what was computed before it counts as invalidated: the bumps of that time are no longer kept
    floor bigint not null
  )`,
  `create table agent_cache.ac_entry (
    namespace text not null,
    id bytea not null,
    data bytea not null,
    bytes integer not null,
    expires_at double precision not null,
    ends_at double precision not null,
    used_at double precision not null,
    generation text,
    sequence bigint,
    tags bytea[] not null,
    stamp bigint not null,
    primary key (namespace, id)
  ) with (fillfactor = 90)`,
  // Compressed values are rare: what is cached is text in binary form, and reading should not cost more than it must.
  'alter table agent_cache.ac_entry alter column data set storage external',
  'create index ac_entry_ends_at on agent_cache.ac_entry (namespace, ends_at)',
  'create index ac_entry_sequence on agent_cache.ac_entry (namespace, sequence)',
  `create table agent_cache.ac_bump (
    namespace text not null,
    id bytea not null,
    -- the tag; null where a key was deleted
    name bytea,
    sequence bigint not null,
    primary key (namespace, id)
  )`,
  'create index ac_bump_sequence on agent_cache.ac_bump (namespace, sequence)',
  `create table agent_cache.ac_lease (
    namespace text not null,
    id bytea not null,
    token text not null,
    ends_at double precision not null,
    generation text not null,
    sequence bigint not null,
    -- of the entry that was there when the lease was taken
    stamp bigint not null,
    primary key (namespace, id)
  )`,
  `create function agent_cache.ac_lock(ns text, of bytea) returns void language sql as $$
    select pg_advisory_xact_lock(hashtextextended(ns || encode(of, 'hex'), 6163))
  $$`,
  `create function agent_cache.ac_epoch(ns text, out generation text, out sequence bigint) language plpgsql as $$
  begin
    loop
      select s.generation, s.sequence into generation, sequence from agent_cache.ac_state s where namespace = ns;
      exit when found;
      insert into agent_cache.ac_state values (ns, gen_random_uuid()::text, 0, 0) on conflict do nothing;
    end loop;
  end $$`,
  `create function agent_cache.ac_fenced(ns text, gen text, seq bigint, ids bytea[]) returns boolean language plpgsql as $$
  declare
    state agent_cache.ac_state;
  begin
    select * into state from agent_cache.ac_state where namespace = ns;
    if not found or state.generation <> gen or seq < state.floor then return true; end if;
    return exists (select from agent_cache.ac_bump where namespace = ns and id = any(ids) and sequence > seq);
  end $$`,
  // 0: it had ended already; 1: replaced; 2: new.
  `create function agent_cache.ac_put(
    ns text, key_id bytea, content bytea, soft_end double precision, hard_end double precision,
    gen text, seq bigint, tag_ids bytea[], at double precision
  ) returns integer language plpgsql as $$
  declare
    there boolean;
  begin
    if hard_end <= at then
      delete from agent_cache.ac_entry where namespace = ns and id = key_id;
      return 0;
    end if;
    there := exists (select from agent_cache.ac_entry where namespace = ns and id = key_id);
    insert into agent_cache.ac_entry
    values (ns, key_id, content, length(content), soft_end, hard_end, at, gen, seq, tag_ids, nextval('agent_cache.ac_stamp'))
    on conflict (namespace, id) do update set data = excluded.data, bytes = excluded.bytes, expires_at = excluded.expires_at,
      ends_at = excluded.ends_at, used_at = excluded.used_at, generation = excluded.generation,
      sequence = excluded.sequence, tags = excluded.tags, stamp = excluded.stamp;
    return case when there then 1 else 2 end;
  end $$`,
  // -1: refused.
  `create function agent_cache.ac_set(
    ns text, key_id bytea, content bytea, soft_end double precision, hard_end double precision,
    gen text, seq bigint, tag_ids bytea[], at double precision,
    if_absent boolean, fence_gen text, fence_seq bigint, channel text, note text
  ) returns integer language plpgsql as $$
  declare
    done integer;
  begin
    perform agent_cache.ac_lock(ns, key_id);
    if fence_gen is not null then
      perform from agent_cache.ac_state where namespace = ns for share;
      if agent_cache.ac_fenced(ns, fence_gen, fence_seq, tag_ids || key_id) then return -1; end if;
    end if;
    if if_absent and exists (
      select from agent_cache.ac_entry where namespace = ns and id = key_id and ends_at > at
    ) then return -1; end if;
    done := agent_cache.ac_put(ns, key_id, content, soft_end, hard_end, gen, seq, tag_ids, at);
    if not if_absent and fence_gen is null then
      delete from agent_cache.ac_lease where namespace = ns and id = key_id;
    end if;
    perform pg_notify(channel, note);
    return done;
  end $$`,
  `create function agent_cache.ac_delete(ns text, key_id bytea, at double precision, channel text, note text)
  returns boolean language plpgsql as $$
  declare
    ended double precision;
    next bigint;
  begin
    perform agent_cache.ac_lock(ns, key_id);
    perform agent_cache.ac_epoch(ns);
    update agent_cache.ac_state set sequence = sequence + 1 where namespace = ns returning sequence into next;
    insert into agent_cache.ac_bump values (ns, key_id, null, next)
    on conflict (namespace, id) do update set sequence = excluded.sequence;
    delete from agent_cache.ac_entry where namespace = ns and id = key_id returning ends_at into ended;
    delete from agent_cache.ac_lease where namespace = ns and id = key_id;
    perform pg_notify(channel, note);
    return coalesce(ended > at, false);
  end $$`,
  `create function agent_cache.ac_claim(
    ns text, key_id bytea, at double precision, lease_ms double precision, refresh boolean, own_token text,
    out state text, out data bytea, out stamp bigint, out token text, out generation text, out sequence bigint
  ) language plpgsql as $$
  declare
    entry agent_cache.ac_entry;
    held agent_cache.ac_lease;
  begin
    perform agent_cache.ac_lock(ns, key_id);
    select e.generation, e.sequence into generation, sequence from agent_cache.ac_epoch(ns) e;
    select * into entry from agent_cache.ac_entry e where e.namespace = ns and e.id = key_id and e.ends_at > at;
    stamp := coalesce(entry.stamp, 0);
    if entry.generation is null or not agent_cache.ac_fenced(ns, entry.generation, entry.sequence, entry.tags || key_id) then
      data := entry.data;
    end if;
    if data is not null and at < entry.expires_at and not refresh then
      state := 'hit';
      return;
    end if;
    select * into held from agent_cache.ac_lease l where l.namespace = ns and l.id = key_id and l.ends_at > at;
    if found then
      state := 'wait';
      token := held.token;
      stamp := held.stamp;
      return;
    end if;
    insert into agent_cache.ac_lease values (ns, key_id, own_token, at + lease_ms, generation, sequence, stamp)
    on conflict on constraint ac_lease_pkey do update set token = excluded.token, ends_at = excluded.ends_at,
      generation = excluded.generation, sequence = excluded.sequence, stamp = excluded.stamp;
    state := 'lease';
    token := own_token;
  end $$`,
  `create function agent_cache.ac_commit(
    ns text, key_id bytea, own_token text, content bytea, soft_end double precision, hard_end double precision,
    gen text, seq bigint, tag_ids bytea[], at double precision, channel text, note text
  ) returns integer language plpgsql as $$
  declare
    held agent_cache.ac_lease;
    done integer;
  begin
    perform agent_cache.ac_lock(ns, key_id);
    select * into held from agent_cache.ac_lease where namespace = ns and id = key_id and token = own_token and ends_at > at;
    if not found then return -1; end if;
    perform from agent_cache.ac_state where namespace = ns for share;
    delete from agent_cache.ac_lease where namespace = ns and id = key_id;
    if agent_cache.ac_fenced(ns, held.generation, held.sequence, tag_ids || key_id) then return -1; end if;
    done := agent_cache.ac_put(ns, key_id, content, soft_end, hard_end, gen, seq, tag_ids, at);
    perform pg_notify(channel, note);
    return done;
  end $$`,
  `create function agent_cache.ac_bump_tags(ns text, ids bytea[], names bytea[], channel text, note text,
    out generation text, out sequence bigint) language plpgsql as $$
  begin
    perform agent_cache.ac_epoch(ns);
    update agent_cache.ac_state s set sequence = s.sequence + 1 where s.namespace = ns
      returning s.generation, s.sequence into generation, sequence;
    insert into agent_cache.ac_bump select ns, t.id, t.name, ac_bump_tags.sequence from unnest(ids, names) t (id, name)
    on conflict on constraint ac_bump_pkey do update set sequence = excluded.sequence;
    perform pg_notify(channel, note || ',"epoch":' || json_build_object('generation', generation, 'sequence', sequence) || '}');
  end $$`,
  `create function agent_cache.ac_clear(ns text, channel text, note text) returns void language plpgsql as $$
  begin
    perform agent_cache.ac_epoch(ns);
    update agent_cache.ac_state set generation = gen_random_uuid()::text, sequence = 0, floor = 0 where namespace = ns;
    delete from agent_cache.ac_bump where namespace = ns;
    delete from agent_cache.ac_lease where namespace = ns;
    delete from agent_cache.ac_entry where namespace = ns;
    delete from agent_cache.ac_owner where namespace = ns;
    perform pg_notify(channel, note);
  end $$`,
  `create table agent_cache.ac_owner (
    namespace text not null,
    owner bytea not null,
    version bigint not null,
    expires_at double precision not null,
    next_item bigint not null,
    primary key (namespace, owner)
  )`,
  'create index ac_owner_expires_at on agent_cache.ac_owner (namespace, expires_at)',
  `create table agent_cache.ac_field (
    namespace text not null,
    owner bytea not null,
    name bytea not null,
    data bytea not null,
    ends_at double precision not null,
    primary key (namespace, owner, name),
    foreign key (namespace, owner) references agent_cache.ac_owner on delete cascade
  )`,
  `create table agent_cache.ac_item (
    namespace text not null,
    owner bytea not null,
    place bigint not null,
    data bytea not null,
    primary key (namespace, owner, place),
    foreign key (namespace, owner) references agent_cache.ac_owner on delete cascade
  )`,
  `create function agent_cache.ac_write(
    ns text, own bytea, at double precision, set_names bytea[], set_data bytea[], set_ends double precision[],
    unset_names bytea[], appended bytea[], keep_last bigint, slide_ms double precision, if_version bigint,
    out written boolean, out current bigint
  ) language plpgsql as $$
  declare
    ended double precision;
    place_now bigint;
  begin
    perform agent_cache.ac_lock(ns, own);
    select version, expires_at into current, ended from agent_cache.ac_owner where namespace = ns and owner = own;
    if found and ended <= at then
      delete from agent_cache.ac_owner where namespace = ns and owner = own;
      current := null;
    end if;
    current := coalesce(current, 0);
    written := if_version is null or if_version = current;
    if not written then return; end if;
    current := current + 1;
    insert into agent_cache.ac_owner values (ns, own, current, coalesce(at + slide_ms, 'infinity'), cardinality(appended))
    on conflict (namespace, owner) do update set version = excluded.version,
      expires_at = coalesce(at + slide_ms, ac_owner.expires_at), next_item = ac_owner.next_item + excluded.next_item
    returning next_item into place_now;
    insert into agent_cache.ac_field select ns, own, f.* from unnest(set_names, set_data, set_ends) f
    on conflict (namespace, owner, name) do update set data = excluded.data, ends_at = excluded.ends_at;
    delete from agent_cache.ac_field where namespace = ns and owner = own and name = any(unset_names);
    insert into agent_cache.ac_item
    select ns, own, place_now - cardinality(appended) + i.n, i.data from unnest(appended) with ordinality i (data, n);
    if keep_last is not null then
      delete from agent_cache.ac_item where namespace = ns and owner = own and place <= place_now - keep_last;
    end if;
  end $$`,
];
