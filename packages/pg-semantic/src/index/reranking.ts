import type { Candidate } from '../policy.ts';
import { within } from './deadline.ts';
import { report } from './errors.ts';
import type { Settings } from './settings.ts';

/** The candidates in the order of the rerank hook; in their own when there is none, or it fails or is late. */
export async function reranked(
  { rerank }: Settings,
  text: string,
  candidates: readonly Candidate[],
  deadline: number,
): Promise<readonly Candidate[]> {
  if (rerank === undefined || candidates.length === 0) return candidates;
  const leaving = new AbortController();
  try {
    const work = rerank(text, candidates, { signal: leaving.signal });
    const order = await within(work, deadline - performance.now(), 'the rerank hook');
    // Ours, looked up by what the hook gave: it cannot change a similarity or bring a wording in.
    const ours = new Map(candidates.map((candidate) => [candidate.promptId, candidate]));
    return [...new Set(order)].flatMap(({ promptId }) => ours.get(promptId) ?? []);
  } catch (error) {
    leaving.abort();
    report('find', 'ERR_PG_SEMANTIC_RERANK', error);
    return candidates;
  }
}
