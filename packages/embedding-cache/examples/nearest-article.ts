// Finds the article nearest to a question. Articles are embedded once, however often the program looks at them.
//   node --conditions=@agent-cache/source examples/nearest-article.ts
import { createCache } from '@agent-cache/core-tier';
import { cachedEmbedder } from '@agent-cache/embedding-cache';
import { lruMem } from '@agent-cache/lru-mem';

/** Stands in for a model: how often each letter occurs. */
let calls = 0;
const model = async (texts: readonly string[]): Promise<Float32Array[]> => {
  calls += 1;
  return texts.map((text) => {
    const vector = new Float32Array(26);
    for (const letter of text.toLowerCase().match(/[a-z]/g) ?? []) {
      const at = letter.charCodeAt(0) - 97;
      vector[at] = (vector[at] ?? 0) + 1;
    }
    return vector;
  });
};

const embed = cachedEmbedder(model, { cache: createCache({ tiers: [lruMem()] }), model: 'letters-1', dimensions: 26 });
const articles = ['Resetting a password', 'Delivery times', 'Gift vouchers'];

/** In place: the vector is ours. */
function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((one) => one / length);
}

async function nearest(question: string): Promise<string | undefined> {
  const [asked, ...known] = (await embed([question, ...articles])).map(unit);
  const scores = known.map((vector) => vector.reduce((sum, one, at) => sum + one * (asked?.[at] ?? 0), 0));
  return articles[scores.indexOf(Math.max(...scores))];
}

for (const question of ['password reset', 'times of delivery', 'password reset']) {
  console.log(`${question} → ${await nearest(question)}`);
}
console.log(`calls of the model: ${calls}`);
