/** Six processes insert 1,000 rows into one directory while its owner is killed three times: how long each of them was without a database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { rowsOf } from '../../index/rows.ts';
import { openPostgres } from '../open-postgres.ts';
import { startChild } from './test-children.ts';
import { takeOver } from './test-takeover.ts';

const processes = 6;
const rows = 1_000;
const kills = [100, 250, 400];

const directory = mkdtempSync(join(tmpdir(), 'agent-cache-takeover-'));
await (await openPostgres({ dataDir: directory })).close();
const children = Array.from({ length: processes }, startChild);
await Promise.all(children.map((child) => child.order({ does: 'open', directory }, 'open')));

const start = performance.now();
const { kept, failed, owners } = await takeOver(children, { rows, kills });
const wallMs = performance.now() - start;
await Promise.all(children.map((child) => child.kill()));

const db = await openPostgres({ dataDir: directory });
const found = await rowsOf<{ row: number }>(db.primary, sql`select row from kept`);
await db.close();
rmSync(directory, { recursive: true });
const there = new Set(found.map(({ row }) => row));
const lost = kept.filter((row) => !there.has(row));
const strange = failed.filter(({ code }) => code !== 'ERR_PG_SEMANTIC_INTERRUPTED');
if (lost.length > 0 || strange.length > 0 || owners.some((count) => count !== 1)) {
  throw new Error(`lost ${lost.length} rows, ${strange.length} strange failures, owners ${owners.join()}`);
}
console.table([
  { processes, kills: kills.length, acknowledged: kept.length, lost: 0, interrupted: failed.length, wallMs },
]);
