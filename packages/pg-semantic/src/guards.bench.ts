/**
 * How many contradictions pass the guards, how many good pairs they lose, what they cost, and how often two texts are taken for the same answer
 * that are not: `--data <folder with sick.jsonl.gz>`.
 */
import { localEmbedder } from './embed/local-embedder.ts';
import { type GuardName, guards } from './guards/guards.ts';
import { agreementOf } from './index/answers-agree.ts';
import { Vectors } from './index/vectors.ts';
import { cachedVectors, questionsFolder, readRecords } from './test-questions.ts';

const pairs = readRecords<{ a: string; b: string; entail: string; label: number | null }>(
  questionsFolder(),
  'sick.jsonl',
);
const texts = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
const embedder = localEmbedder();
const vectors = await cachedVectors(embedder, texts);
await embedder.close();
const vectorOf = new Map(texts.map((text, i) => [text, vectors[i]!]));
const cosine = (a: string, b: string) =>
  vectorOf.get(a)!.reduce((sum, value, i) => sum + value * vectorOf.get(b)![i]!, 0);

const all = guards();
const polar = guards({ numbers: 'off', entities: 'off', wordOrder: 'off', questionWord: 'off' });
const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`;
const near = pairs.filter(({ a, b }) => cosine(a, b) >= 0.8);
const contradictions = near.filter(({ entail }) => entail === 'CONTRADICTION');
const good = pairs.filter(({ label }) => label === 1);
const passed = (list: typeof pairs, by = all) => list.filter(({ a, b }) => by.inspect(a, b).veto === undefined);

console.log(`SICK, cosine of ${embedder.id}`);
console.log(`contradictions with cosine >= 0.8: ${contradictions.length}`);
console.log(`  pass all guards:              ${percent(passed(contradictions).length, contradictions.length)}`);
console.log(`  pass negation and antonyms:   ${percent(passed(contradictions, polar).length, contradictions.length)}`);
for (const [name, list] of [
  ['good pairs (entailment, relatedness high)', good],
  ['  of these with cosine >= 0.8', good.filter((pair) => near.includes(pair))],
] as const) {
  console.log(`${name}: ${list.length}`);
  console.log(`  lost to negation or antonyms: ${percent(list.length - passed(list, polar).length, list.length)}`);
  console.log(`  lost to any guard:            ${percent(list.length - passed(list).length, list.length)}`);
  const lost = Map.groupBy(
    list.flatMap(({ a, b }) => all.inspect(a, b).fired),
    (name: GuardName) => name,
  );
  console.log(`  ${[...lost].map(([guard, fired]) => `${guard} ${fired.length}`).join(', ')}`);
}
const known = { ...embedder, embed: async (asked: readonly string[]) => asked.map((text) => vectorOf.get(text)!) };
const vectorsOfPairs = new Vectors(known);
const judged = await Promise.all(
  pairs.map(async ({ a, b, label }) => ({
    label,
    ...(await agreementOf({ guards: all }, vectorsOfPairs, { fresh: a, stored: b })),
  })),
);
const sure = judged.filter(({ label }) => label !== null);
console.log('taken for answers, where people are sure:');
for (const [name, list, label] of [
  ['the same', sure.filter(({ same }) => same === true), 1],
  ['one that stands for the other', sure.filter(({ isOne }) => isOne), 1],
  ['different', sure.filter(({ same }) => same === false), 0],
] as const) {
  const wrong = list.filter((pair) => pair.label !== label);
  console.log(`  called ${name}: ${list.length}, wrongly ${percent(wrong.length, list.length)}`);
}
if (process.argv.includes('--show')) {
  for (const { a, b } of passed(contradictions)) console.log(`passed: ${a} | ${b}`);
  for (const { a, b } of good) {
    const { fired } = all.inspect(a, b);
    if (fired.length > 0) console.log(`lost ${fired}: ${a} | ${b}`);
  }
}
const before = process.cpuUsage();
for (const { a, b } of pairs) all.inspect(`${a} `, `${b} `);
const { user } = process.cpuUsage(before);
console.log(`one inspection of two texts not seen before: ${(user / pairs.length).toFixed(1)} microseconds`);

// What a pattern that goes back and forth would take a second for.
const long = {
  'a dotted name': 'a.'.repeat(4_000),
  capitals: 'A'.repeat(8_000),
  accents: 'é'.repeat(8_000),
  'a mail address without end': `${'a.'.repeat(4_000)}@`,
  'letters before a dash': `${'a'.repeat(7_990)} - b`,
  numbers: '1-'.repeat(4_000),
};
for (const [name, text] of Object.entries(long)) {
  const start = process.cpuUsage();
  for (let i = 0; i < 20; i += 1) all.inspect(`${text}(${i}`, 'x');
  console.log(`8 kB of ${name}: ${(process.cpuUsage(start).user / 20_000).toFixed(1)} ms`);
}
