/**
 * The policies on streams of real questions: `--data <folder with clinc150.jsonl and qqp-dev.jsonl.gz> [--seeds 5]`. Labels come only from
 * misses and audits. The first run computes the vectors (some minutes) and keeps them below the system's folder for temporary files.
 *
 * `--own <file>` adds questions of yours, JSON lines of `{ text, group }`: those of one group have one answer. The shipped prior has not seen them.
 */
import { readFileSync } from 'node:fs';
import { seeded } from '@agent-cache/testkit/random';
import { localEmbedder } from './embed/local-embedder.ts';
import { calibrated } from './policy/calibrated.ts';
import { fixedThreshold } from './policy/fixed-threshold.ts';
import type { Belief } from './policy/logistic.ts';
import { fitPrior, labelsOf } from './policy/test-prior.ts';
import { type Run, type RunOptions, type Stream, simulate, streamOf } from './policy/test-simulation.ts';
import {
  type Asked,
  clincHalves,
  clincQuestions,
  drawClinc,
  drawQqp,
  qqpComponents,
  shuffled,
} from './policy/test-streams.ts';
import { verified } from './policy/verified.ts';
import { wilson } from './policy/wilson.ts';
import type { Policy } from './policy.ts';
import { cachedVectors, questionsFolder } from './test-questions.ts';

const folder = questionsFolder();
const seedsAt = process.argv.indexOf('--seeds');
const seeds = Array.from({ length: seedsAt < 0 ? 5 : Number(process.argv[seedsAt + 1]) }, (_, i) => i + 1);
const questions = 6_000;
const bounds = [0.01, 0.02, 0.05];
const embedder = localEmbedder();
const drifted = 0.1;

interface Row {
  readonly name: string;
  readonly bound?: number | undefined;
  readonly policyFor: (prior: Belief | undefined) => Policy;
  readonly flipped?: number;
}
const rows: Row[] = [
  ...[0.85, 0.9, 0.95].map((at) => ({ name: `fixedThreshold ${at}`, policyFor: () => fixedThreshold(at) })),
  ...bounds.map((bound) => ({ name: `verified ${bound}`, policyFor: () => verified({ maxErrorRate: bound }) })),
  ...bounds.map((bound) => ({
    name: `calibrated ${bound}`,
    bound,
    policyFor: (prior: Belief | undefined) => calibrated({ maxWrongHits: bound, ...(prior && { prior }) }),
  })),
  ...bounds.map((bound) => ({
    name: `calibrated ${bound}, 5 % labels flipped`,
    bound,
    flipped: 0.05,
    policyFor: (prior: Belief | undefined) => calibrated({ maxWrongHits: bound, ...(prior && { prior }) }),
  })),
];

const percent = (share: number, digits = 2) => (Number.isFinite(share) ? (100 * share).toFixed(digits) : '-');
const sum = (runs: readonly Run[], from = 0, to = 1) => {
  const asked = runs.reduce((total, run) => total + run.asked * (to - from), 0);
  const hits = runs.flatMap((run) => run.served.filter(({ at }) => at >= from * run.asked && at < to * run.asked));
  return { asked, hits: hits.length, wrong: hits.filter(({ wrong }) => wrong).length };
};

function verdictOf({ rate, low, high, bound }: { rate: number; low: number; high: number; bound: number }): string {
  if (high <= bound) return 'held';
  if (!(rate > bound)) return 'held, too few hits to be sure';
  return low > bound ? 'BROKEN' : 'above, within the interval';
}

function print({ name, bound }: Row, runs: readonly Run[]): void {
  const { asked, hits, wrong } = sum(runs);
  const { low, high } = wilson(wrong, hits);
  const halves = [sum(runs, 0, 0.5), sum(runs, 0.5, 1)].map(
    (half) => `${percent(half.hits / half.asked, 1).padStart(5)} / ${percent(half.wrong / half.hits)}`,
  );
  const verdict = bound === undefined ? '' : verdictOf({ rate: wrong / hits, low, high, bound });
  console.log(
    `${name.padEnd(38)}${percent(hits / asked, 1).padStart(6)}${percent(wrong / asked).padStart(7)}${percent(wrong / hits).padStart(8)}` +
      `  [${percent(hits === 0 ? 0 : low)}, ${percent(high)}]`.padEnd(17) +
      `${halves.map((half) => half.padEnd(14)).join('')} ${wrong}/${hits} ${verdict}`,
  );
}

const head = `${'%'.padEnd(38)}  hits wrong/all wrong/hits [95 %]       1st half      2nd half (hits / wrong of hits)`;
const results = new Map<Row, Run[]>(rows.map((row) => [row, []]));
function runAll(stream: Stream, prior: Belief | undefined, seed: number): void {
  for (const row of rows) {
    const options: RunOptions = { seed, embedder: embedder.id, flipped: row.flipped ?? 0 };
    results.get(row)?.push(simulate(row.policyFor(prior), stream, options));
  }
}
function report(title: string): void {
  console.log(`\n${title}\n${head}`);
  for (const row of rows) print(row, results.get(row) ?? []);
  for (const runs of results.values()) runs.length = 0;
}

// --- CLINC150: fitted on one half of the intents, tested on the other, and swapped
const clinc = clincQuestions(folder);
const clincVectors = await cachedVectors(
  embedder,
  clinc.map(({ text }) => text),
);
const halves = clincHalves(clinc);
const clincStream = (half: 0 | 1, seed: number) => {
  const drawn = drawClinc(clinc, halves[half], questions, seed);
  return streamOf(
    drawn.map((i) => clinc[i]!),
    drawn.map((i) => clincVectors[i]!),
  );
};
const priors = ([0, 1] as const).map((half) => fitPrior(labelsOf(clincStream(half, 1_000), embedder.id)));
const drifts = new Map<number, { seen: Run[]; reacted: number[]; rose: number; closed: number; open: number }>(
  bounds.map((bound) => [bound, { seen: [], reacted: [], rose: 0, closed: 0, open: 0 }]),
);
for (const seed of seeds) {
  for (const half of [0, 1] as const) {
    const stream = clincStream(half, seed);
    const prior = priors[1 - half];
    runAll(stream, prior, seed);
    runDrift(stream, half, prior, seed);
    process.stderr.write(`\rseed ${seed}, half ${half + 1} `);
  }
}

function runDrift(stream: Stream, half: 0 | 1, prior: Belief | undefined, seed: number): void {
  const intents = [...halves[half]].filter((group) => !group.startsWith('clinc-')).sort();
  const changed = new Set(shuffled(intents, seeded(seed)).slice(0, Math.round(intents.length * drifted)));
  const start = questions / 2;
  for (const [bound, found] of drifts) {
    let reacted: number | undefined;
    let [before, most] = [0, 0];
    const run = simulate(calibrated({ maxWrongHits: bound, ...(prior && { prior }) }), stream, {
      seed,
      embedder: embedder.id,
      answerAt: (group, at) => (at >= start && changed.has(group) ? `${group}, changed` : group),
      onStep(at, model) {
        const { rate, breaker } = model.estimate();
        if (at === start - 1) before = rate;
        if (at < start && breaker !== 'closed') found.open += 1;
        if (at >= start && at < start + 200) most = Math.max(most, rate);
        if (at >= start && breaker !== 'closed') reacted ??= at - start;
        if (at === questions - 1 && breaker === 'closed') found.closed += 1;
      },
    });
    found.seen.push(run);
    found.reacted.push(reacted ?? Number.POSITIVE_INFINITY);
    if (most > before) found.rose += 1;
  }
}

report(
  `CLINC150, ${questions} questions, ${seeds.length} seeds, prior fitted on 75 intents and tested on the other 75, and swapped; guards on`,
);
console.log('(hits of all seeds pooled as if independent)');

console.log(`\nDrift: at half time the answers of ${percent(drifted, 0)} % of the intents change, nothing told`);
for (const [bound, { seen, reacted, rose, closed, open }] of drifts) {
  const within = reacted.filter((after) => after < 200).length;
  const parts = [
    [0.4, 0.5],
    [0.5, 0.5 + 200 / questions],
    [0.5 + 200 / questions, 0.6],
    [0.6, 1],
  ].map(([from, to]) => sum(seen, from, to));
  const shares = parts
    .map(({ asked, hits, wrong }) => `${percent(hits / asked, 0)} / ${percent(wrong / hits)}`)
    .join(', ');
  console.log(
    `calibrated ${bound}: estimate rose within 200 requests in ${rose} of ${seen.length} runs, breaker reacted within 200 in ${within} (median ${reacted.sort((a, b) => a - b)[Math.floor(reacted.length / 2)]}, worst ${reacted.at(-1)}), closed again at the end in ${closed}`,
  );
  console.log(
    `  not closed during ${percent(open / (seen.length * questions * 0.5), 1)} % of the requests before the change`,
  );
  console.log(`  hits % / wrong of hits %: the 600 before, first 200 after, next 400, the rest: ${shares}`);
}

// --- other domains
const ownAt = process.argv.indexOf('--own');
if (ownAt >= 0) await runOwn(process.argv[ownAt + 1] ?? '');

async function runOwn(file: string): Promise<void> {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const own = lines.map((line): Asked => JSON.parse(line));
  const vectors = await cachedVectors(
    embedder,
    own.map(({ text }) => text),
  );
  for (const seed of seeds) {
    const drawn = shuffled([...own.keys()], seeded(seed)).slice(0, questions);
    runAll(
      streamOf(
        drawn.map((i) => own[i]!),
        drawn.map((i) => vectors[i]!),
      ),
      undefined,
      seed,
    );
    process.stderr.write(`\rseed ${seed} `);
  }
  report(`${file}: ${Math.min(own.length, questions)} of ${own.length} questions, the shipped prior as it is`);
}

const components = qqpComponents(folder, 15_000);
const pool = components.flat();
const poolVectors = await cachedVectors(
  embedder,
  pool.map(({ text }) => text),
);
await embedder.close();
const vectorOf = new Map(pool.map((question, i) => [question, poolVectors[i]!]));
for (const seed of seeds) {
  const asked = drawQqp(components, questions, seed);
  runAll(
    streamOf(
      asked,
      asked.map((question) => vectorOf.get(question)!),
    ),
    undefined,
    seed,
  );
  process.stderr.write(`\rseed ${seed} `);
}
report(`Question pairs of a public site made groups (labels noisy, few repeats), the shipped prior as it is`);
