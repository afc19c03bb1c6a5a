import { guards } from '../guards/guards.ts';
import { type Reading, readingOf } from '../guards/reading.ts';
import type { Candidate, Sight } from '../policy.ts';

/** What the entries of `featuresOf` are, in their order. Labels keep features, so names are only ever added at the end. */
export const featureNames = [
  'always 1',
  'similarity',
  'lead over other answers',
  'lead over the next wording',
  'shared content words',
  'share of the nearest four',
  'vote of all candidates',
  'content words of the question alone',
  'content words of the wording alone',
  'other question word',
  'length',
  'candidates',
  'guards',
] as const;

/** No feature is further from 0. */
const most = 5;

/** Whether numbers that came with a label can be features: an id of a hit that somebody has altered must teach nothing. */
export function areFeatures(numbers: readonly number[]): boolean {
  return numbers.length === featureNames.length && numbers.every((number) => Math.abs(number) <= most);
}

/** How quickly a candidate's vote fades with its distance. */
const voteScale = 0.05;
const hard = guards({ questionWord: 'off' });

/** What a sight says for its most similar candidate, as numbers of similar size, each within fixed bounds. */
export function featuresOf({ text, candidates }: Sight, candidate: Candidate): number[] {
  const [question, wording] = [readingOf(text), readingOf(candidate.text)];
  const shared = sharedOf(question, wording);
  const nearest = candidates.slice(0, 4);
  const same = nearest.filter(({ answerId }) => answerId === candidate.answerId).length;
  const other = candidates.find(({ answerId }) => answerId !== candidate.answerId);
  const next = candidates.find(({ promptId }) => promptId !== candidate.promptId);
  const lead = (rival: Candidate | undefined) => bounded((candidate.similarity - (rival?.similarity ?? 0)) * 10, -2, 3);
  return [
    1,
    bounded((candidate.similarity - 0.8) * 10, -5, 2),
    lead(other),
    lead(next),
    4 * shared,
    (2 * same) / Math.max(nearest.length, 1),
    voteOf(candidates, candidate),
    Math.min(countMissing(question, wording), 4) / 2,
    Math.min(countMissing(wording, question), 4) / 2,
    Number(
      question.questionWord !== '' && wording.questionWord !== '' && question.questionWord !== wording.questionWord,
    ),
    bounded(Math.abs(Math.log((question.words.length + 1) / (wording.words.length + 1))), 0, 2),
    bounded(Math.log2(candidates.length), 0, 3) / 3,
    bounded(hard.inspect(text, candidate.text).fired.length, 0, 2),
  ];
}

/** Log odds of the candidate's answer when every candidate votes for its own, the near ones more. */
function voteOf(candidates: readonly Candidate[], candidate: Candidate): number {
  let [same, others] = [0, 0];
  for (const { answerId, similarity } of candidates) {
    const vote = Math.exp((similarity - candidate.similarity) / voteScale);
    if (answerId === candidate.answerId) same += vote;
    else others += vote;
  }
  return bounded(Math.log((same + 0.2) / (others + 0.2)), -3, 3);
}

function sharedOf(a: Reading, b: Reading): number {
  let shared = 0;
  for (const word of a.content) if (b.content.has(word)) shared += 1;
  const all = a.content.size + b.content.size - shared;
  return all === 0 ? 0 : shared / all;
}

function countMissing(a: Reading, b: Reading): number {
  let missing = 0;
  for (const word of a.content) if (!b.content.has(word)) missing += 1;
  return missing;
}

/** NaN becomes the lower end. */
export function bounded(value: number, low: number, high: number): number {
  return value >= low ? Math.min(value, high) : low;
}
