import type { Core } from './core.ts';

/** The index first: a copy made after its exact siblings went would be of the answer it still gives. */
export async function giveFeedback(
  { settings }: Core,
  hitId: string,
  verdict: 'right' | 'wrong',
): Promise<'done' | 'queued' | 'unknown'> {
  const { answers, cache } = settings;
  if (answers === undefined) {
    throw new TypeError(
      'feedback: there is no answer index, so nothing is answered by meaning; see the option `answers`.',
    );
  }
  const answerTag = await answers.feedback(hitId, verdict);
  if (answerTag === undefined) return 'unknown';
  return verdict === 'right' ? 'done' : cache.invalidate({ tags: [answerTag], reason: 'feedback' });
}
