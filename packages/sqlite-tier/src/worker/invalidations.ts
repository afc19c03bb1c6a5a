import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Epoch } from '@agent-cache/core-tier';
import type { LoggedChange } from '../protocol.ts';
import { fromColumn, toColumn } from './sqlite.ts';
import type { State } from './store-state.ts';

/** Longer than any computation that should still be stored. */
const logAgeMs = 3_600_000;
const maxLogRows = 100_000;
const maxTags = 100_000;
/** In a small file the log and the tags may take some of the room, not all of it. */
const bytesOfFilePerRow = 2_048;

/** Who changes something, and when. */
export interface Author {
  readonly source: string;
  readonly now: number;
}

/** The tag authority and the log of changes that other processes read. */
export class Invalidations {
  readonly #tagSequence: StatementSync;
  readonly #putTag: StatementSync;
  readonly #tagsAfter: StatementSync;
  readonly #log: StatementSync;
  readonly #deletedAfter: StatementSync;
  readonly #changesAfter: StatementSync;
  readonly #lastId: StatementSync;
  readonly #pruneLimit: StatementSync;
  readonly #prunedSequence: StatementSync;
  readonly #prune: StatementSync;
  readonly #tagFloor: StatementSync;
  readonly #pruneTags: StatementSync;

  constructor(database: DatabaseSync) {
    this.#tagSequence = database.prepare('SELECT sequence FROM tags WHERE tag = ?');
    this.#putTag = database.prepare(
      'INSERT INTO tags VALUES (?, ?) ON CONFLICT DO UPDATE SET sequence = excluded.sequence',
    );
    this.#tagsAfter = database.prepare('SELECT tag, sequence FROM tags WHERE sequence > ?');
    this.#log = database.prepare(
      'INSERT INTO changes (at, source, kind, key, tags, sequence) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#deletedAfter = database.prepare(
      "SELECT 1 FROM changes WHERE kind = 'delete' AND key = ? AND sequence > ? LIMIT 1",
    );
    this.#changesAfter = database.prepare('SELECT * FROM changes WHERE id > ? ORDER BY id LIMIT 1000');
    this.#lastId = database.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?');
    this.#pruneLimit = database.prepare(
      `SELECT max(newest - ?, coalesce((SELECT id FROM changes WHERE at >= ? ORDER BY id LIMIT 1) - 1, newest)) AS id
       FROM (SELECT max(id) AS newest FROM changes)`,
    );
    this.#prunedSequence = database.prepare('SELECT max(sequence) AS sequence FROM changes WHERE id <= ?');
    this.#prune = database.prepare('DELETE FROM changes WHERE id <= ?');
    this.#tagFloor = database.prepare('SELECT sequence FROM tags ORDER BY sequence DESC LIMIT 1 OFFSET ?');
    this.#pruneTags = database.prepare('DELETE FROM tags WHERE sequence <= ?');
  }

  /** Whether the key or one of the tags was invalidated after the epoch, or could have been. */
  refuses(state: State, epoch: Epoch, tags: readonly string[] | undefined, key?: string): boolean {
    if (epoch.generation !== state.generation) return true;
    if (key !== undefined && epoch.sequence < state.logFloor) return true;
    if (key !== undefined && this.#deletedAfter.get(toColumn(key), epoch.sequence) !== undefined) return true;
    if (tags === undefined || tags.length === 0) return false;
    return epoch.sequence < state.tagFloor || tags.some((tag) => this.#lastBump(tag) > epoch.sequence);
  }

  #lastBump(tag: string): number {
    return Number(this.#tagSequence.get(toColumn(tag))?.sequence ?? 0);
  }

  bump(state: State, tags: readonly string[], author: Author): Epoch {
    state.sequence += 1;
    for (const tag of tags) this.#putTag.run(toColumn(tag), state.sequence);
    this.#log.run(author.now, author.source, 'tags', null, JSON.stringify(tags), state.sequence);
    return { generation: state.generation, sequence: state.sequence };
  }

  since(state: State, epoch: Epoch): readonly (readonly [string, number])[] | 'everything' {
    if (epoch.generation !== state.generation || epoch.sequence < state.tagFloor) return 'everything';
    return this.#tagsAfter.all(epoch.sequence).map((row) => [fromColumn(row.tag), Number(row.sequence)] as const);
  }

  deleted(state: State, key: string, author: Author): void {
    state.sequence += 1;
    this.#log.run(author.now, author.source, 'delete', toColumn(key), null, state.sequence);
  }

  /** Another value is there: copies of the old one are out of date, but nothing computed meanwhile is refused. */
  replaced(key: string, author: Author): void {
    this.#log.run(author.now, author.source, 'set', toColumn(key), null, 0);
  }

  cleared(state: State, author: Author): void {
    state.sequence += 1;
    state.tagFloor = state.sequence;
    state.logFloor = state.sequence;
    this.#log.run(author.now, author.source, 'all', null, null, state.sequence);
  }

  lastId(): number {
    return Number(this.#lastId.get('changes')?.seq ?? 0);
  }

  /** What happened after the change with this id, at most 1,000 changes; "all" when some of it is forgotten. */
  after(state: State, id: number): { readonly changes: readonly LoggedChange[]; readonly lastId: number } {
    if (id < state.prunedId) return { changes: [{ source: '', kind: 'all' }], lastId: this.lastId() };
    const rows = this.#changesAfter.all(id);
    return { changes: rows.map(changeOf), lastId: Number(rows.at(-1)?.id ?? id) };
  }

  /** Forgets what is too old or too much, and remembers where knowledge now begins. */
  prune(state: State, now: number, maxBytes: number): void {
    const maxRows = Math.floor(maxBytes / bytesOfFilePerRow);
    const lastPruned = Number(this.#pruneLimit.get(Math.min(maxLogRows, maxRows), now - logAgeMs)?.id ?? 0);
    if (lastPruned > state.prunedId) {
      state.logFloor = Math.max(state.logFloor, Number(this.#prunedSequence.get(lastPruned)?.sequence ?? 0));
      state.prunedId = lastPruned;
      this.#prune.run(lastPruned);
    }
    const forgotten = Number(this.#tagFloor.get(Math.min(maxTags, maxRows))?.sequence ?? 0);
    if (forgotten === 0) return;
    state.tagFloor = Math.max(state.tagFloor, forgotten);
    this.#pruneTags.run(forgotten);
  }
}

function changeOf(row: Record<string, unknown>): LoggedChange {
  const source = String(row.source);
  if (row.key !== null) return { source, kind: 'key', key: fromColumn(row.key) };
  if (row.kind === 'tags') {
    return { source, kind: 'tags', tags: JSON.parse(String(row.tags)), sequence: Number(row.sequence) };
  }
  return { source, kind: 'all' };
}
