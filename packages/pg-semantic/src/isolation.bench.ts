/** 100,000 random lookups over 1,000 tenants, 64 at a time: `pnpm bench isolation`; with DATABASE_URL on a server. Fails on one foreign answer. */
import { openPostgres } from './database/open-postgres.ts';
import { createTestServerDatabase } from './database/test-database.ts';
import { hashedEmbedder } from './embed/hashed-embedder.ts';
import { semanticIndex } from './index/semantic-index.ts';
import { answer, ask } from './index/test-index.ts';
import { madeQuestion, otherWords } from './index/test-questions-made.ts';
import { fixedThreshold } from './policy/fixed-threshold.ts';

const made = process.env.DATABASE_URL ? await createTestServerDatabase(process.env.DATABASE_URL) : undefined;
const db = await openPostgres(made ? { url: made.url } : {});
const index = semanticIndex({
  db,
  embed: hashedEmbedder(),
  policy: fixedThreshold(0.8),
  deadlineMs: 60_000,
  reviewRate: 0,
});
const tenants = Array.from({ length: 1_000 }, (_, number) => `tenant ${number}`);
const known = 6;

await index.warm(
  tenants.flatMap((tenant, place) =>
    Array.from({ length: known }, (_, number) => {
      const text = madeQuestion((place % 7) + number * 2);
      return { question: ask(text, { tenant }), entry: answer({ tenant }, Date.now(), { expiresAt: undefined }) };
    }),
  ),
);

let [hits, foreign, lookups] = [0, 0, 0];
const start = performance.now();
const walk = async (): Promise<void> => {
  while (lookups < 100_000) {
    lookups += 1;
    const tenant = tenants[Math.floor(Math.random() * tenants.length)] as string;
    const question = madeQuestion(Math.floor(Math.random() * 20));
    const text = lookups % 3 === 0 ? otherWords(question, lookups) : question;
    const found = await index.find<{ tenant: string }>(ask(text, { tenant }));
    if (found.state === 'miss') continue;
    hits += 1;
    if (found.value.tenant !== tenant) foreign += 1;
  }
};
await Promise.all(Array.from({ length: 64 }, walk));
const seconds = (performance.now() - start) / 1000;
console.log(
  `${db.kind}: ${lookups} lookups, ${hits} hits, ${foreign} foreign, ${Math.round(lookups / seconds)} lookups a second`,
);
console.log(index.stats().misses);
await index.close();
await db.close();
await made?.drop();
if (foreign > 0) throw new Error('an answer of another tenant was given');
