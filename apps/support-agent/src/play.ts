import Anthropic from '@anthropic-ai/sdk';
import { createAgentCache } from 'agent-cache';
import OpenAI from 'openai';
import { anthropicAgent, openaiAgent } from './agents.ts';

export interface Provider {
  /** absent: the SDK's own, the real provider */
  readonly openaiUrl?: string;
  readonly anthropicUrl?: string;
  readonly openaiKey: string | undefined;
  readonly anthropicKey: string | undefined;
}

export interface PlayOptions {
  readonly questions: readonly string[];
  readonly provider: Provider;
  readonly concurrency: number;
  readonly dir: string;
  readonly cached: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Played {
  readonly report: ReturnType<Awaited<ReturnType<typeof createAgentCache>>['report']>;
  /** one answer per question, in order; a question whose agent failed has the error's message */
  readonly answers: readonly string[];
  readonly seconds: number;
}

/** Models of the two agents, cheap ones: a support agent needs no more. */
const models = { openai: 'gpt-5-mini', anthropic: 'claude-haiku-4-5' } as const;

/** Lets the agents answer every question, `concurrency` at a time, and reports what it took. */
export async function play(options: PlayOptions): Promise<Played> {
  const { questions, provider, concurrency, dir, cached, onProgress } = options;
  const before = process.env.AGENT_CACHE;
  if (!cached) process.env.AGENT_CACHE = 'off';
  const cache = await createAgentCache({ dir, namespace: 'support-agent' });
  if (before === undefined) delete process.env.AGENT_CACHE;
  else process.env.AGENT_CACHE = before;

  const agents = agentsOf(provider, cache);
  const answers: string[] = [];
  const started = performance.now();
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < questions.length; index = next++) {
      const agent = agents[index % agents.length];
      // Every third conversation is plain, the others are streamed, as in a chat window.
      const answer = agent?.answer(questions[index] ?? '', { streamed: index % 3 !== 0 });
      answers[index] = await (answer ?? Promise.resolve('')).catch((error: unknown) => `failed: ${String(error)}`);
      done += 1;
      onProgress?.(done, questions.length);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - started) / 1000;
  await cache.flush();
  const report = cache.report();
  await cache.close();
  return { report, answers, seconds };
}

function agentsOf(provider: Provider, cache: Awaited<ReturnType<typeof createAgentCache>>) {
  const { openaiKey, anthropicKey, openaiUrl, anthropicUrl } = provider;
  const agents = [];
  if (openaiKey !== undefined) {
    const client = new OpenAI({ apiKey: openaiKey, fetch: cache.fetch, ...(openaiUrl ? { baseURL: openaiUrl } : {}) });
    agents.push(openaiAgent(client, models.openai));
  }
  if (anthropicKey !== undefined) {
    const client = new Anthropic({
      apiKey: anthropicKey,
      middleware: [cache.anthropic],
      ...(anthropicUrl ? { baseURL: anthropicUrl } : {}),
    });
    agents.push(anthropicAgent(client, models.anthropic));
  }
  return agents;
}
