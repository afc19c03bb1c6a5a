/** A process that asks: `node test-asker.ts <dataDir>`; reads one question per line and says what it found as JSON. */
import { createInterface } from 'node:readline';
import { openPostgres } from '../database/open-postgres.ts';
import { semanticIndex } from './semantic-index.ts';
import { ask, notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';

const [dataDir = ''] = process.argv.slice(2);
const db = await openPostgres({ dataDir });
const options = { db, embed: wordEmbedder(), policy: thresholdPolicy(), guards: notGuard, deadlineMs: 20_000 };
const index = semanticIndex(options);
process.stdout.write('"ready"\n');
for await (const text of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await index.find(ask(text)))}\n`);
}
await index.close();
await db.close();
