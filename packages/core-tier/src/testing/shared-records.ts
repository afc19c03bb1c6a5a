import type { RecordChange, RecordSet, Records, WriteResult } from '../records.ts';
import type { SharedState, StoredRecords } from './shared-store.ts';

const never = Number.POSITIVE_INFINITY;

/** Records in the shared state, each operation in one step. */
export function sharedRecords(state: SharedState, now: () => number): Records {
  const find = (owner: string): StoredRecords | undefined => {
    const found = state.records.get(owner);
    if (found === undefined || now() < (found.expiresAt ?? never)) return found;
    state.records.delete(owner);
    return undefined;
  };
  return {
    read: async (owner, options = {}) => {
      const found = find(owner);
      return found && viewOf(found, now(), options);
    },
    write: async (owner, change): Promise<WriteResult> => {
      const found = find(owner);
      const current = found?.version ?? 0;
      if (change.ifVersion !== undefined && change.ifVersion !== current) return { written: false, current };
      state.records.set(owner, changed(found, structuredClone(change), now()));
      return { written: true, version: current + 1 };
    },
    drop: async (owner) => {
      const existed = find(owner) !== undefined;
      state.records.delete(owner);
      return existed;
    },
    list: async (prefix, { cursor, limit = 100 } = {}) => {
      const owners = [...state.records.keys()]
        .filter((owner) => owner.startsWith(prefix) && find(owner) !== undefined && (!cursor || owner > cursor))
        .sort();
      const page = owners.slice(0, limit);
      return owners.length > limit ? { owners: page, cursor: page.at(-1) } : { owners: page };
    },
  };
}

function viewOf(
  found: StoredRecords,
  now: number,
  { fields, last }: { readonly fields?: readonly string[]; readonly last?: number },
): RecordSet {
  const live = [...found.fields].filter(([name, { endsAt }]) => now < endsAt && (fields?.includes(name) ?? true));
  return structuredClone({
    version: found.version,
    fields: new Map(live.map(([name, { value }]) => [name, value])),
    items: last === undefined ? found.items : found.items.slice(Math.max(0, found.items.length - last)),
    expiresAt: found.expiresAt,
  });
}

function changed(found: StoredRecords | undefined, change: RecordChange, now: number): StoredRecords {
  const fields = new Map(found?.fields);
  for (const [name, value] of change.set ?? []) {
    fields.set(name, { value, endsAt: now + (change.fieldMs?.get(name) ?? never) });
  }
  for (const name of change.unset ?? []) fields.delete(name);
  const items = [...(found?.items ?? []), ...(change.append ?? [])];
  const keep = change.keepLast ?? items.length;
  return {
    version: (found?.version ?? 0) + 1,
    fields,
    items: items.slice(Math.max(0, items.length - keep)),
    expiresAt: change.slideMs === undefined ? found?.expiresAt : now + change.slideMs,
  };
}
