import type { RecordSet, Records, WriteResult } from '../records.ts';
import type { TestClock } from './runner.ts';

/** One test's world. */
interface RecordsContext {
  readonly records: Records;
  readonly clock: TestClock;
}

/** Declares one test. */
export type RecordsTest = (title: string, body: (context: RecordsContext) => Promise<void>) => void;

export const owner = 'thread%2F1/session';

export function set(fields: Record<string, unknown>): { readonly set: ReadonlyMap<string, unknown> } {
  return { set: new Map(Object.entries(fields)) };
}

export function versionOf(result: WriteResult): number {
  if (!result.written) throw new Error(`the write was refused at version ${result.current}`);
  return result.version;
}

export async function readOf(
  records: Records,
  options?: { fields?: readonly string[]; last?: number },
): Promise<RecordSet> {
  const found = await records.read(owner, options);
  if (found === undefined) throw new Error(`nothing was read of ${owner}`);
  return found;
}
