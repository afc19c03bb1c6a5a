/** A support desk: questions in other words are answered once; a corrected fact is forgotten with all its paraphrases. */
import { cachedAgent, fixedThreshold, localEmbedder, openPostgres, semanticIndex } from '@agent-cache/pg-semantic';

// In memory, unless a directory is named: one that is there opens in a second, and keeps what was learned.
const db = await openPostgres({ dataDir: process.argv[2] });
const embed = localEmbedder();
await embed.embed(['warm up']); // so that the first question does not wait for the model to load
const index = semanticIndex({ db, embed, policy: fixedThreshold(0.85), deadlineMs: 10_000 });

let price = 10;
let runs = 0;
const answer = cachedAgent(
  async (question: string) => {
    runs += 1;
    return question.includes('team') ? 'The team plan is 30 dollars.' : `The basic plan is ${price} dollars.`;
  },
  { index, scope: 'support@1', tenant: 'acme' },
);

const say = async (question: string): Promise<void> => {
  const before = runs;
  const text = await answer(question);
  await new Promise(setImmediate);
  await index.flush();
  console.log(`${question} ${text}${runs === before ? ' (stored)' : ''}`);
};

await say('What is the price of the basic plan?');
await say('What does the basic plan cost?');
await say('What is the price of the team plan?');
await say('What does the basic plan not cost?');

price = 12;
const gone = await index.deleteSimilar('How much does the basic plan cost?', { tenant: 'acme', atLeast: 0.8 });
console.log(`forgotten: ${gone.filter((tag) => tag.startsWith('@answer:')).length}`);
await say('What does the basic plan cost?');

await index.close();
await embed.close?.();
await db.close();
