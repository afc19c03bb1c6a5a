/** Fits the shipped prior anew: `--data <folder with clinc150.jsonl>`; with `--write`, writes it to policy/prior.generated.ts. */
import { writeFileSync } from 'node:fs';
import { hashedEmbedder } from './embed/hashed-embedder.ts';
import { localEmbedder } from './embed/local-embedder.ts';
import { featureNames } from './policy/features.ts';
import { fitPrior, labelsOf } from './policy/test-prior.ts';
import { streamOf } from './policy/test-simulation.ts';
import { clincHalves, clincQuestions, drawClinc } from './policy/test-streams.ts';
import { cachedVectors, questionsFolder } from './test-questions.ts';

const asked = clincQuestions(questionsFolder());
const short = (value: number) => Number(value.toPrecision(4));
const entries: string[] = [];
for (const embedder of [localEmbedder(), hashedEmbedder()]) {
  const vectors = await cachedVectors(
    embedder,
    asked.map(({ text }) => text),
  );
  await embedder.close?.();
  const labels = clincHalves(asked).flatMap((half) => {
    const drawn = drawClinc(asked, half, 6_000, 11);
    return labelsOf(
      streamOf(
        drawn.map((i) => asked[i]!),
        drawn.map((i) => vectors[i]!),
      ),
      embedder.id,
    );
  });
  const { mean, precision } = fitPrior(labels);
  console.log(`${embedder.id}: ${labels.length} labels`);
  for (const [i, name] of featureNames.entries()) console.log(`  ${name.padEnd(40)} ${mean[i]!.toFixed(2)}`);
  const lower = Array.from(mean, (_, i) => [...precision.subarray(i * mean.length, i * mean.length + i + 1)]).flat();
  const lists = { mean: [...mean].map(short), precision: lower.map(short) };
  entries.push(
    `  '${embedder.id}': {\n    mean: ${JSON.stringify(lists.mean)},\n    precision: ${JSON.stringify(lists.precision)},\n  },\n`,
  );
}
if (process.argv.includes('--write')) {
  const text = `/**
 * Written by semantic-prior.bench.ts. Fitted on CLINC150 (Larson et al., EMNLP-IJCNLP 2019), licensed CC BY 3.0. Per embedder: the mean of
 * the weights, and the lower triangle of the inverse of their covariance, row after row.
 */
export const priors: Readonly<Record<string, { readonly mean: readonly number[]; readonly precision: readonly number[] }>> = {
${entries.join('')}};
`;
  writeFileSync(new URL('./policy/prior.generated.ts', import.meta.url), text);
}
