import { parseArgs } from 'node:util';
import { startProviderStub } from './start-provider-stub.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    'latency-ms': { type: 'string', default: '0' },
    'tokens-per-second': { type: 'string', default: '0' },
  },
});

const stub = await startProviderStub({
  port: Number(values.port),
  latencyMs: Number(values['latency-ms']),
  tokensPerSecond: Number(values['tokens-per-second']),
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stub.close());

process.stdout.write(
  [
    `OPENAI_BASE_URL=${stub.openaiUrl} OPENAI_API_KEY=any`,
    `ANTHROPIC_BASE_URL=${stub.anthropicUrl} ANTHROPIC_API_KEY=any`,
    `GOOGLE_GEMINI_BASE_URL=${stub.geminiUrl} GEMINI_API_KEY=any`,
    '',
  ].join('\n'),
);
