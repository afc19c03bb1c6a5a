import { randomUUID } from 'node:crypto';
import type { Call, ClaimReply, NewRow, OperationName, Operations } from '../protocol.ts';
import type { FoundRow } from './entries.ts';
import type { Author } from './invalidations.ts';
import type { Store } from './store.ts';

type Handled = Exclude<OperationName, 'settle' | 'cancel' | 'tick' | 'listen' | 'close'>;

type Handlers = {
  readonly [Name in Handled]: (
    store: Store,
    args: Operations[Name]['args'],
    author: Author,
  ) => Operations[Name]['result'];
};

/** Operations that need no transaction of their own. */
const reading: ReadonlySet<OperationName> = new Set<OperationName>(['get', 'epoch', 'since', 'read', 'list']);

/** Needs the write lock. `claim` does only when there is a lease to take: see `readClaim`. */
export function isWrite(call: Call): boolean {
  return !reading.has(call.operation);
}

const controls: ReadonlySet<OperationName> = new Set<OperationName>(['settle', 'cancel', 'tick', 'listen', 'close']);

/** Concerns the watch or the connection, not what is in the file. */
export function isControl(call: Call): boolean {
  return controls.has(call.operation);
}

/**
 * What time it is for the call. The machine's clock is read when the call is run, not when it was made: between the two another process
 * may have taken a lease, which must not seem to come from the future.
 */
export function timeOf({ now }: Call): number {
  return now ?? Date.now();
}

/** Names of what the call reads or writes: calls with a name in common keep their order. */
export function touches({ operation, args }: Call): readonly string[] | 'everything' {
  if (operation === 'get') return args.keys.map(entryName);
  if (operation === 'set') return args.rows.map(([key]) => entryName(key));
  if (args !== undefined && 'key' in args) return [entryName(args.key)];
  if (args !== undefined && 'owner' in args) return [`owner:${args.owner}`];
  return operation === 'discard' || operation === 'cancel' || operation === 'tick' ? [] : 'everything';
}

function entryName(key: string): string {
  return `entry:${key}`;
}

const handlers: Handlers = {
  get: (store, { keys }, { now }) => keys.map((key) => store.entries.find(key, now)?.data),
  set: (store, args, author) => args.rows.map(([key, row]) => set(store, key, row, args, author)).every(Boolean),
  delete: (store, { key }, author) => {
    store.leases.endAny(key);
    store.invalidations.deleted(store.state, key, author);
    return store.entries.delete(store.state, key, author.now);
  },
  clear: (store, _, author) => {
    store.leases.clear();
    store.entries.clear(store.state);
    store.records.clear(store.database);
    store.invalidations.cleared(store.state, author);
    return undefined;
  },
  claim: (store, args, { now }) => readClaim(store, args, now) ?? takeLease(store, args, now),
  renew: (store, { key, token, leaseMs }, { now }) => store.leases.renew(key, token, leaseMs, now),
  commit: (store, { key, token, row }, author) => commit(store, key, token, row, author),
  release: (store, { key, token }) => {
    store.leases.end(key, token);
    return undefined;
  },
  epoch: (store) => ({ generation: store.state.generation, sequence: store.state.sequence }),
  bump: (store, { tags }, author) => store.invalidations.bump(store.state, tags, author),
  since: (store, { epoch }) => store.invalidations.since(store.state, epoch),
  read: (store, { owner, fields, last }, { now }) => store.records.read(owner, fields, last ?? -1, now),
  write: (store, args, { now }) => store.records.write(store.state, args, now),
  drop: (store, { owner }, { now }) => store.records.drop(owner, now),
  list: (store, { prefix, cursor, limit }, { now }) => {
    const owners = store.records.list(prefix, cursor ?? '', limit + 1, now);
    return { owners: owners.slice(0, limit), more: owners.length > limit };
  },
  discard: (store, { rowId }) => {
    store.discard(rowId);
    return undefined;
  },
};

/** Runs one operation on the file. */
export function execute(store: Store, call: Call): unknown {
  // The handler and its arguments have the same name, which a union's members cannot express to the compiler.
  const handler = handlers[call.operation as Handled] as (store: Store, args: unknown, author: Author) => unknown;
  return handler(store, call.args, { source: call.source, now: timeOf(call) });
}

/** What a claim finds when there is no lease to take. */
export function readClaim(store: Store, args: Operations['claim']['args'], now: number): ClaimReply | undefined {
  const found = living(store, args.key, now);
  if (found !== undefined && !found.stale && !args.refresh) return { state: 'hit', data: found.data };
  const lease = store.leases.running(args.key, now);
  return lease === undefined ? undefined : { state: 'wait', token: lease.token, stale: found?.data };
}

function takeLease(store: Store, { key, leaseMs }: Operations['claim']['args'], now: number): ClaimReply {
  const token = randomUUID();
  const { generation, sequence } = store.state;
  store.leases.grant(key, token, leaseMs, sequence, now);
  return { state: 'lease', token, epoch: { generation, sequence }, stale: living(store, key, now)?.data };
}

/** An entry that no invalidation has reached. */
function living(store: Store, key: string, now: number): FoundRow | undefined {
  const found = store.entries.find(key, now);
  return found === undefined || isDead(store, found) ? undefined : found;
}

function isDead(
  store: Store,
  { tags, generation, sequence }: Pick<FoundRow, 'tags' | 'generation' | 'sequence'>,
): boolean {
  return tags !== undefined && store.invalidations.refuses(store.state, { generation, sequence }, tags);
}

function set(store: Store, key: string, row: NewRow, options: Operations['set']['args'], author: Author): boolean {
  const { ifAbsent = false, ifEpoch } = options;
  if (!store.hasRoomFor(row)) return false;
  if (ifEpoch !== undefined && store.invalidations.refuses(store.state, ifEpoch, row.tags, key)) return false;
  if (ifAbsent) {
    const there = store.entries.peek(key, author.now);
    if (there !== undefined && !isDead(store, there)) return false;
  }
  // A value that somebody sets outright is newer than what is being computed: that lease ends, and its waiters get this value.
  const lease = ifAbsent || ifEpoch !== undefined ? undefined : store.leases.endAny(key);
  put(store, key, row, lease, author);
  return true;
}

function commit(store: Store, key: string, token: string, row: NewRow, author: Author): boolean {
  const lease = store.leases.held(key, token);
  if (lease === undefined) return false;
  store.leases.end(key, token);
  const { generation } = store.state;
  const claimed = { generation, sequence: lease.sequence };
  const computed = row.epoch ?? claimed;
  const fenced = [claimed, computed].some((epoch) => store.invalidations.refuses(store.state, epoch, row.tags, key));
  if (fenced || !store.hasRoomFor(row)) return false;
  put(store, key, { ...row, epoch: computed }, token, author);
  return true;
}

function put(store: Store, key: string, row: NewRow, lease: string | undefined, author: Author): void {
  if (store.entries.put(store.state, key, row, lease, author.now)) store.invalidations.replaced(key, author);
}

/** The entry that a lease ended with; undefined when it ended without one, "running" when it has not ended. */
export function settlement(
  store: Store,
  { key, token }: Operations['settle']['args'],
  now: number,
): { readonly deadline: number } | { readonly data: Uint8Array | undefined } {
  const lease = store.leases.running(key, now);
  if (lease?.token === token) return { deadline: lease.deadline };
  const found = living(store, key, now);
  return { data: found?.lease === token ? found.data : undefined };
}
