/**
 * Plays a trace of customer questions through a support agent on the OpenAI and the Anthropic SDK: without a cache, with one, and with the
 * same one after a restart; prints what each took. Talks to a local provider server unless told to go live.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startProviderStub, supportAgent } from '@agent-cache/provider-stub';
import { compareReports } from '@agent-cache/telemetry';
import { frontDeskText, playFrontDesk } from './front-desk.ts';
import { searchArticles } from './knowledge-base.ts';
import { paraphrasedTrace } from './paraphrases.ts';
import { type Played, type Provider, play } from './play.ts';
import { progress } from './progress.ts';
import { builtInTrace, traceFromFile } from './trace.ts';

const help = `A support agent on two SDKs, without and with agent-cache.

  --questions <file>   JSON lines with a "text" field each, instead of the built-in trace
  --limit <n>          how many of them (default 160)
  --concurrency <n>    conversations at a time (default 8)
  --semantic           then a front desk, where questions come in other words
  --live               the real providers, for which OPENAI_API_KEY or ANTHROPIC_API_KEY is set
  --help               this text
`;

const { values } = parseArgs({
  options: {
    questions: { type: 'string' },
    limit: { type: 'string', default: '160' },
    concurrency: { type: 'string', default: '8' },
    semantic: { type: 'boolean', default: false },
    live: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function count(name: 'limit' | 'concurrency'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} must be a whole number above 0, not "${values[name]}"`);
}

interface Session {
  readonly provider: Provider;
  close(): Promise<void>;
}

async function openSession(): Promise<Session> {
  if (values.live) {
    const { OPENAI_API_KEY: openaiKey, ANTHROPIC_API_KEY: anthropicKey } = process.env;
    if (openaiKey === undefined && anthropicKey === undefined) {
      throw new Error(
        '--live needs OPENAI_API_KEY or ANTHROPIC_API_KEY in the environment; without --live no key is needed',
      );
    }
    return { provider: { openaiKey, anthropicKey }, close: async () => undefined };
  }
  const server = await startProviderStub({
    latencyMs: 60,
    tokensPerSecond: 600,
    // Without tools it is the front desk that asks, which answers from the help centre.
    answerer: (request) =>
      request.tools.length > 0
        ? supportAgent(request)
        : { text: searchArticles(request.messages.at(-1)?.text ?? '', 1)[0]?.text ?? 'Please ask a colleague.' },
  });
  const { openaiUrl, anthropicUrl } = server;
  return {
    provider: { openaiUrl, anthropicUrl, openaiKey: 'sk-demo', anthropicKey: 'sk-ant-demo' },
    close: () => server.close(),
  };
}

async function run(): Promise<void> {
  const limit = count('limit');
  const questions = values.questions === undefined ? builtInTrace(limit) : traceFromFile(values.questions, limit);
  const session = await openSession();
  const dir = await mkdtemp(join(tmpdir(), 'support-agent-'));
  const pass = (label: string, cached: boolean): Promise<Played> =>
    play({
      questions,
      provider: session.provider,
      concurrency: count('concurrency'),
      dir,
      cached,
      onProgress: progress(label),
    });
  try {
    const without = await pass('without a cache', false);
    const cached = await pass('with agent-cache', true);
    const again = await pass('after a restart', true);
    const where = values.live ? 'the real providers' : 'a local stand-in for the providers';
    console.log(
      `\n${questions.length} conversations, ${new Set(questions).size} different questions, against ${where}\n`,
    );
    console.log(String(compareReports(without.report, cached.report)));
    console.log(
      `Seconds for all conversations: ${without.seconds.toFixed(1)} without, ${cached.seconds.toFixed(1)} with the cache, ` +
        `${again.seconds.toFixed(1)} after a restart (${again.report.upstream.calls} upstream calls then).\n`,
    );
    console.log(`Q: ${questions[0]}\nA: ${cached.answers[0]}`);
    if (values.semantic) {
      const desk = { questions: paraphrasedTrace(), provider: session.provider, dir, semantic: true };
      console.log(`\n${frontDeskText(await playFrontDesk({ ...desk, onProgress: progress('in other words') }))}`);
    }
  } finally {
    await session.close();
    await rm(dir, { recursive: true, force: true });
  }
}

if (values.help) console.log(help);
else
  await run().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
