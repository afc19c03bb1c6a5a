import { createHash } from 'node:crypto';
import { canonicalJson } from '@agent-cache/core-key';
import { parseBody, wireFormats } from './index.ts';

// What the identity of a request body costs, per format and as part of a first-seen key. Run:
// pnpm exec node --conditions=@agent-cache/source packages/wire-formats/src/identity.bench.ts

const ROUNDS = 15;
const CALLS = 300;

const paragraph = 'The delivery left our warehouse on Tuesday and should "normally" arrive within 2.50 days. ';
const turns = Array.from({ length: 40 }, (_, index) => ({
  role: index % 2 === 0 ? 'user' : 'assistant',
  content: [{ type: 'text', text: paragraph.repeat(1 + (index % 12)) }],
}));
const tools = Array.from({ length: 8 }, (_, index) => ({
  name: `tool_${index}`,
  description: paragraph,
  input_schema: { type: 'object', properties: { id: { type: 'string' }, limit: { type: 'integer', maximum: 50 } } },
}));
const marked = turns.map((turn, index) =>
  index < 36
    ? turn
    : { ...turn, content: turn.content.map((part) => ({ ...part, cache_control: { type: 'ephemeral' } })) },
);

const bodies = {
  'openai-chat': {
    model: 'gpt-6-sol',
    stream: true,
    messages: turns,
    tools: tools.map((tool) => ({ type: 'function', function: tool })),
  },
  'openai-responses': { model: 'gpt-6-sol', stream: true, input: turns, tools },
  'anthropic-messages': { model: 'claude-opus-5-5', max_tokens: 1_000, stream: true, messages: marked, tools },
  'gemini-generate': {
    contents: turns.map(({ content }) => ({ role: 'user', parts: content })),
    tools: [{ functionDeclarations: tools }],
  },
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Median process CPU time of one call, in microseconds; the contenders take turns within every round. */
function measure(contenders: Readonly<Record<string, () => unknown>>): Map<string, number> {
  const times = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const before = process.cpuUsage();
      for (let call = 0; call < CALLS; call++) run();
      const { user, system } = process.cpuUsage(before);
      if (round >= 3) times.get(name)?.push((user + system) / CALLS);
    }
  }
  const median = (list: number[]): number => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

const rows = Object.entries(bodies).map(([name, body]) => {
  const format = wireFormats[name as keyof typeof bodies];
  const text = JSON.stringify(body);
  const parsed = parseBody(text);
  const key = sha256(canonicalJson(format.bodyIdentity(parsed)));
  if (key !== sha256(canonicalJson(format.bodyIdentity(parseBody(JSON.stringify(parsed))))))
    throw new Error('unstable key');
  if (key === sha256(canonicalJson(format.bodyIdentity({ ...body, extra: 1 }))))
    throw new Error('a field does not count');
  const times = measure({
    floor: () => [JSON.parse(text), JSON.stringify(body), sha256(text)],
    parse: () => JSON.parse(text),
    parseBody: () => parseBody(text),
    bodyIdentity: () => format.bodyIdentity(parsed),
    firstSeen: () => [sha256(text), sha256(canonicalJson(format.bodyIdentity(parseBody(text))))],
  });
  const at = (which: string): number => times.get(which) ?? 0;
  return {
    format: name,
    KB: Number((text.length / 1024).toFixed(1)),
    'parseBody / JSON.parse': Number((at('parseBody') / at('parse')).toFixed(2)),
    'bodyIdentity µs': Number(at('bodyIdentity').toFixed(1)),
    'first-seen key / (parse + stringify + SHA-256)': Number((at('firstSeen') / at('floor')).toFixed(2)),
  };
});
console.table(rows);
