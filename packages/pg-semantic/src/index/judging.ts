import type { Candidate, Decision } from '../policy.ts';
import type { Asked } from './asked.ts';
import { within } from './deadline.ts';
import { report } from './errors.ts';
import { hitIdOf } from './hit-id.ts';
import type { Site } from './site.ts';
import { confirmed } from './stored-answer.ts';
import { fromBytes } from './value-codec.ts';

/** Whether the judge says that the candidate's answer is right. Without a judge, late or failing, the answer is no. */
export async function judged(site: Site, asked: Asked, decision: Decision, candidate: Candidate): Promise<boolean> {
  const { judge, judgeDeadlineMs, now } = site.settings;
  if (judge === undefined) return false;
  const leaving = new AbortController();
  try {
    const verdict = await within(asking(), judgeDeadlineMs, 'the judge');
    if (verdict === undefined) return false;
    await learn(verdict);
    return verdict;
  } catch (error) {
    leaving.abort();
    report('find', 'ERR_PG_SEMANTIC_JUDGE', error);
    return false;
  }

  async function asking(): Promise<boolean | undefined> {
    const [stored] = await confirmed(site.db.primary, [{ asked, candidate }], now());
    if (stored === undefined || judge === undefined) return undefined;
    const { text, similarity } = candidate;
    const pair = { asked: asked.text, stored: text, answer: fromBytes(stored.value), similarity };
    return (await judge(pair, { signal: leaving.signal })) === true;
  }

  async function learn(right: boolean): Promise<void> {
    const { promptId, answerId, similarity, text: matched } = candidate;
    const { features } = decision;
    const label = { promptId, answerId, similarity, features, right, source: 'judge' as const, at: now() };
    await site.lessons.observe(asked.category, label);
    // A no is about the pair, not about the answer.
    if (right) site.journal.verdict(answerId, true);
    // Below an even chance of being wrong the policy leaned the other way: worth a person's look.
    if (right || decision.wrongAtMost > 0.5) return;
    const hitId = hitIdOf({ ...asked, promptId, answerId, similarity, features, scopeHash: asked.space.scopeHash });
    const { tenant } = asked.space;
    site.journal.review({ hitId, tenant, asked: asked.text, matched, similarity, why: 'judge: no', at: now() });
  }
}
