import Anthropic from '@anthropic-ai/sdk';
import { type AgentCacheOptions, createAgentCache } from 'agent-cache';
import OpenAI from 'openai';
import { articles } from './knowledge-base.ts';
import type { Provider } from './play.ts';

/** The help centre is in the prompt and there are no tools, so an answer depends on the question alone. */
const instructions = [
  'You answer at the front desk of Paper & Parcel, a shop for stationery. Answer from the help centre below, in at most two sentences.',
  ...articles.map(({ title, text }) => `${title}: ${text}`),
].join('\n');

/** A question that got the answer to another one. */
interface HitByMeaning {
  readonly question: string;
  readonly matched: string;
  readonly similarity: number;
}

export interface FrontDesk {
  readonly hits: readonly HitByMeaning[];
  /** hits by meaning in each quarter of the questions: the index learns from what it leaves to the model how near is near enough */
  readonly quarters: readonly number[];
  readonly report: ReturnType<Awaited<ReturnType<typeof createAgentCache>>['report']>;
}

export interface FrontDeskOptions {
  readonly questions: readonly string[];
  readonly provider: Provider;
  readonly dir: string;
  readonly semantic: NonNullable<AgentCacheOptions['semantic']>;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Asks one question after the other, as visitors of a shop come, and notes who was answered by meaning. */
export async function playFrontDesk(options: FrontDeskOptions): Promise<FrontDesk> {
  const { questions, provider, dir, semantic, onProgress } = options;
  const hits: HitByMeaning[] = [];
  const onMatch = ({ question, matched, similarity }: HitByMeaning): void =>
    void hits.push({ question, matched, similarity });
  const cache = await createAgentCache({ dir, namespace: 'front-desk', semantic, llm: { onMatch } });
  const ask = askWith(provider, cache);
  const quarters = [0, 0, 0, 0];
  for (const [index, question] of questions.entries()) {
    const before = hits.length;
    await ask(question);
    const quarter = Math.floor((4 * index) / questions.length);
    quarters[quarter] = (quarters[quarter] ?? 0) + hits.length - before;
    // The next visitor comes when this one has left: what he was told is known by then.
    await cache.flush();
    onProgress?.(index + 1, questions.length);
  }
  const report = cache.report();
  await cache.close();
  return { hits, quarters, report };
}

function askWith(
  { openaiKey, anthropicKey, openaiUrl, anthropicUrl }: Provider,
  cache: Awaited<ReturnType<typeof createAgentCache>>,
): (question: string) => Promise<unknown> {
  if (openaiKey !== undefined) {
    const client = new OpenAI({ apiKey: openaiKey, fetch: cache.fetch, ...(openaiUrl ? { baseURL: openaiUrl } : {}) });
    return (content) =>
      client.chat.completions.create({
        model: 'gpt-5-mini',
        messages: [
          { role: 'system', content: instructions },
          { role: 'user', content },
        ],
      });
  }
  const client = new Anthropic({
    apiKey: anthropicKey ?? null,
    middleware: [cache.anthropic],
    ...(anthropicUrl ? { baseURL: anthropicUrl } : {}),
  });
  return (content) =>
    client.messages.create({
      model: 'claude-haiku-4-5',
      max_tokens: 300,
      system: instructions,
      messages: [{ role: 'user', content }],
    });
}

const MAX_ROWS = 20;

/** The latest hits by meaning as a table, and what came of all questions. */
export function frontDeskText({ hits, quarters, report }: FrontDesk): string {
  const shown = hits.slice(-MAX_ROWS);
  const width = Math.max(8, ...shown.map(({ question }) => question.length));
  const wide = Math.max(7, ...shown.map(({ matched }) => matched.length));
  const line = (question: string, matched: string, similarity: string): string =>
    `  ${question.padEnd(width)}  ${matched.padEnd(wide)}  ${similarity}`;
  return [
    'Answered by meaning',
    line('question', 'matched', 'similarity'),
    ...shown.map(({ question, matched, similarity }) => line(question, matched, similarity.toFixed(3))),
    ...(hits.length > shown.length ? [`  and ${hits.length - shown.length} before these`] : []),
    '',
    `${report.requests} questions: ${report.found.meaning} answered by meaning, ${report.upstream.calls} by the model.`,
    `By meaning in each quarter of them: ${quarters.join(', ')}.`,
  ].join('\n');
}
