/** What `deleteSimilar` finds of 50 paraphrases of five facts among 50 questions near to them: `pnpm bench delete-similar`. */
import { questionTag } from '@agent-cache/core-tier';
import { openPostgres } from './database/open-postgres.ts';
import { localEmbedder } from './embed/local-embedder.ts';
import { semanticIndex } from './index/semantic-index.ts';
import { corrections, distractors } from './index/test-corrections.ts';
import { answer, ask } from './index/test-index.ts';

const db = await openPostgres();
const embed = localEmbedder();
const index = semanticIndex({ db, embed });
const texts = [...corrections.flatMap(({ paraphrases }) => paraphrases), ...distractors];
await index.warm(texts.map((text) => ({ question: ask(text), entry: answer(text, Date.now()) })));

const results: Record<string, object> = {};
for (const atLeast of [0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9]) {
  let [found, right] = [0, 0];
  for (const { text, paraphrases } of corrections) {
    const named = new Set(await index.deleteSimilar(text, { tenant: 'acme', atLeast, dryRun: true }));
    const removed = texts.filter((each) => named.has(questionTag(ask(each))));
    found += removed.length;
    right += removed.filter((each) => paraphrases.includes(each)).length;
  }
  const share = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;
  results[String(atLeast)] = { recall: share(right, 50), precision: share(right, found), removed: found };
}
console.log(`${embed.id}: 50 paraphrases of 5 facts, 50 other questions, by "atLeast"`);
console.table(results);
await index.close();
await embed.close?.();
await db.close();
