/** A process that learns: `node test-learner.ts <dataDir> <how many>`; says each number once its answer is learned. */
import { openPostgres } from '../database/open-postgres.ts';
import { semanticIndex } from './semantic-index.ts';
import { answer, ask, notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';

const [dataDir = '', count = '0'] = process.argv.slice(2);
const db = await openPostgres({ dataDir });
const index = semanticIndex({ db, embed: wordEmbedder(), policy: thresholdPolicy(), guards: notGuard });
process.stdout.write('ready\n');
for (let number = 0; number < Number(count); number += 1) {
  const before = index.stats().learned.answers;
  await index.learn(undefined, ask(`question number ${number}`), answer(number, Date.now(), { expiresAt: undefined }));
  if (index.stats().learned.answers > before) process.stdout.write(`${number}\n`);
}
await index.close();
await db.close();
