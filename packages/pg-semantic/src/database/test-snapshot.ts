import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryClaim } from './embedded/claim.ts';
import { EmbeddedConnection } from './embedded/embedded-connection.ts';
import { privateEngine } from './embedded/private-engine.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';

/** Two thirds of the files are databases to make others of, which no test does. */
const shrink = [
  'update pg_database set datistemplate = false where datname <> current_database()',
  'drop database if exists template0',
  'drop database if exists template1',
];
const lookAgainMs = 50;

/** A tar archive of an embedded database with all tables. */
export async function testSnapshot(): Promise<Uint8Array> {
  return readFile(await snapshotFile());
}

/** Where it is. The first process to need it makes it, which takes seconds of processor time, and the others wait. */
export async function snapshotFile(): Promise<string> {
  // Another one for other tables or another engine.
  const file = join(tmpdir(), `agent-cache-pg-semantic-${fingerprint()}.tar`);
  while (!existsSync(file)) {
    const claim = tryClaim(`${file}.lock`);
    try {
      if (claim === undefined) await delay(lookAgainMs);
      else if (!existsSync(file)) await writeWhole(file, await makeSnapshot());
    } finally {
      claim?.release();
    }
  }
  return file;
}

/** Under a name of its own first: a process can be killed while it writes. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, bytes, { mode: 0o600 });
  await rename(draft, file);
}

async function makeSnapshot(): Promise<Uint8Array> {
  const connection = new EmbeddedConnection(await privateEngine({}), 60_000);
  try {
    await migrate(connection, migrations);
    for (const statement of shrink) await connection.maintain(statement);
    return await connection.dump();
  } finally {
    await connection.close();
  }
}

function fingerprint(): string {
  const engine = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return createHash('sha256')
    .update(JSON.stringify([engine, migrations, shrink]))
    .digest('hex')
    .slice(0, 16);
}
