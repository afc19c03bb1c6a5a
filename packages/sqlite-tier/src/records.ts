import type { Page, RecordChange, RecordSet, Records, WriteResult } from '@agent-cache/core-tier';
import type { NewRecords } from './protocol.ts';
import type { TierLink } from './tier-link.ts';
import { fromBytes, toBytes } from './value-codec.ts';

const defaultPage = 100;

/** Records in the file: every write is one transaction. */
export function createRecords(link: TierLink): Records {
  const { file } = link.settings;
  return {
    read: async (owner, { fields, last } = {}): Promise<RecordSet | undefined> => {
      const found = await link.call('read', {
        owner,
        fields,
        last: last === undefined ? undefined : countOf('last', last),
      });
      if (found === undefined) return undefined;
      return {
        version: found.version,
        fields: new Map(found.fields.map(([field, data]) => [field, fromBytes(data, file)])),
        items: found.items.map((data) => fromBytes(data, file)),
        expiresAt: found.expiresAt,
      };
    },
    write: async (owner, change): Promise<WriteResult> => {
      const records = toRecords(owner, change, file);
      const { written, version } = await link.call('write', records, bytesOf(records));
      return written ? { written, version } : { written, current: version };
    },
    drop: (owner) => link.call('drop', { owner }),
    list: async (prefix, { cursor, limit = defaultPage } = {}): Promise<Page> => {
      if (countOf('limit', limit) === 0) throw new TypeError('sqliteTier records: limit must be at least 1');
      const { owners, more } = await link.call('list', { prefix, cursor, limit });
      return more ? { owners, cursor: owners.at(-1) } : { owners };
    },
  };
}

function toRecords(owner: string, change: RecordChange, file: string): NewRecords {
  const { set = new Map(), unset = [], append = [], keepLast, slideMs, fieldMs = new Map(), ifVersion } = change;
  return {
    owner,
    set: [...set].map(([field, value]) => [field, toBytes(value, file)] as const),
    unset,
    append: append.map((value) => toBytes(value, file)),
    keepLast: keepLast === undefined ? undefined : countOf('keepLast', keepLast),
    slideMs,
    fieldMs: [...fieldMs],
    ifVersion,
  };
}

function bytesOf({ set, append }: NewRecords): number {
  return [...set.map(([, data]) => data), ...append].reduce((sum, data) => sum + data.byteLength, 0);
}

function countOf(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError(`sqliteTier records: ${name} is ${value}; it must be a whole number, 0 or more`);
}
