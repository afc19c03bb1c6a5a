import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** "agca": tells our files from those of other programs. */
const applicationId = 0x61676361;
const schemaVersion = 1;

// Key columns have no type, so that a key that is not well-formed text can be stored as the bytes of its UTF-16 form.
// `data` comes last in its tables: the columns before it are read without walking through a large value's pages.
const tables = `
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  generation TEXT NOT NULL, sequence INTEGER NOT NULL, entries INTEGER NOT NULL, record_version INTEGER NOT NULL,
  tag_floor INTEGER NOT NULL, log_floor INTEGER NOT NULL, pruned_id INTEGER NOT NULL
);
CREATE TABLE entries (
  id INTEGER PRIMARY KEY, key NOT NULL UNIQUE, format INTEGER NOT NULL, checksum INTEGER NOT NULL, expires_at, ends_at,
  tags TEXT, generation TEXT, sequence INTEGER, lease TEXT, used_at INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE INDEX entries_by_end ON entries (ends_at) WHERE ends_at IS NOT NULL;
CREATE INDEX entries_by_use ON entries (used_at);
CREATE TABLE leases (
  key PRIMARY KEY NOT NULL, token TEXT NOT NULL, deadline NOT NULL, lease_ms NOT NULL, sequence INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tags (tag PRIMARY KEY NOT NULL, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX tags_by_sequence ON tags (sequence);
CREATE TABLE changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, key, tags TEXT,
  sequence INTEGER NOT NULL
);
CREATE INDEX deletes_by_key ON changes (key, sequence) WHERE kind = 'delete';
CREATE TABLE owners (owner PRIMARY KEY NOT NULL, version INTEGER NOT NULL, expires_at) WITHOUT ROWID;
CREATE INDEX owners_by_end ON owners (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE fields (
  owner NOT NULL, field NOT NULL, expires_at, checksum INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (owner, field)
) WITHOUT ROWID;
CREATE TABLE items (
  owner NOT NULL, position INTEGER NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (owner, position)
) WITHOUT ROWID;
`;

/** Whether the file is ours, new, from a later release, or somebody else's. */
export type Ownership = 'ours' | 'empty' | 'newer' | 'foreign';

export function ownershipOf(database: DatabaseSync): Ownership {
  // In this order, for each is a look of its own: whoever lays the file out in between gives it tables and the id at once.
  const count = numberOf(database.prepare('SELECT count(*) FROM sqlite_schema'));
  const id = pragma(database, 'application_id');
  if (id === 0) return count === 0 ? 'empty' : 'foreign';
  if (id !== applicationId) return 'foreign';
  return pragma(database, 'user_version') > schemaVersion ? 'newer' : 'ours';
}

/** Lays out an empty file; does nothing when another process was faster. */
export function createSchema(database: DatabaseSync, generation: string): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    if (ownershipOf(database) === 'empty') {
      database.exec(tables);
      database.prepare('INSERT INTO state VALUES (1, ?, 0, 0, 0, 0, 0, 0)').run(generation);
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** The value of a pragma that is one number. */
export function pragma(database: DatabaseSync, name: string): number {
  return numberOf(database.prepare(`PRAGMA ${name}`));
}

/** The value of a statement whose result is one number. */
export function numberOf(statement: StatementSync): number {
  const row = statement.get();
  return Number(row === undefined ? 0 : Object.values(row)[0]);
}
