import type { ProviderStub, StubAnswer, StubRequest } from '@agent-cache/provider-stub';
import OpenAI from 'openai';

const baseURL = 'https://api.openai.com/v1';
const model = 'gpt-6-sol';

const everything = 'Tell me everything';

type Message = OpenAI.ChatCompletionMessageParam;

/** Sends what goes to the provider to a server that stands in for it. */
export function toStub(stub: ProviderStub): typeof fetch {
  return (url, init) => fetch(String(url).replace(baseURL, stub.openaiUrl), init);
}

function asked({ messages }: StubRequest): number {
  return messages.filter(({ role }) => role === 'assistant').length;
}

/** A model that calls two tools at a time until it has seen enough. */
export function longModel(steps: number): (request: StubRequest) => StubAnswer {
  return (request) => {
    const turn = asked(request);
    if (request.messages.at(-1)?.text === everything) return { text: 'And so on. '.repeat(2_000) };
    if (request.tools.length === 0)
      return { text: `An aside about step ${turn} 🏔, told in quite a few words to be cut off.` };
    if (turn >= steps - 1) return { text: `Done after ${turn} turns. Grüezi 👋` };
    const calls = ['look_up', 'calculate'].map((name) => ({
      name,
      arguments: { turn, question: `${name} für Zürich 🏔` },
    }));
    return { toolCalls: calls };
  };
}

/** Makes one step fail before it begins and another in the middle. */
export function addTrouble(stub: ProviderStub): void {
  const at = (turn: number) => (request: StubRequest) => request.tools.length > 0 && asked(request) === turn;
  stub.fault({ kind: 'status', status: 429, retryAfterMs: 1, when: at(5) });
  stub.fault({ kind: 'reset', afterFrames: 4, when: at(7) });
}

const tools: OpenAI.ChatCompletionTool[] = ['look_up', 'calculate'].map((name) => ({
  type: 'function',
  function: {
    name,
    description: `${name} something`,
    parameters: { type: 'object', properties: { question: { type: 'string' } } },
  },
}));

/** A run with streams, parallel tool calls, asides in parallel, a retry, a broken stream asked for again, and one given up. */
export async function longRun(fetch: typeof globalThis.fetch, steps: number): Promise<unknown[]> {
  const openai = new OpenAI({ apiKey: 'sk-abcdefghijklmnopqrstuvwxyz', baseURL, fetch });
  const log: unknown[] = [];
  const messages: Message[] = [
    { role: 'system', content: 'You work through long lists.' },
    { role: 'user', content: 'Begin.' },
  ];
  for (let step = 0; step < steps; step++) {
    const message = await answerTo(openai, messages, log);
    messages.push(message);
    if (!message.tool_calls) break;
    const results = await Promise.all(
      message.tool_calls.map(async (call): Promise<Message> => {
        const about = call.type === 'function' ? call.function.arguments : '';
        return { role: 'tool', tool_call_id: call.id, content: `result of ${about}` };
      }),
    );
    messages.push(...results);
    if (step === 2) log.push(await Promise.all(['a', 'b', 'c'].map((topic) => aside(openai, topic))));
    if (step === 3) log.push(await abandoned(openai));
  }
  return [...log, messages];
}

async function answerTo(openai: OpenAI, messages: Message[], log: unknown[]): Promise<OpenAI.ChatCompletionMessage> {
  for (;;) {
    try {
      const stream = openai.chat.completions.stream({
        model,
        messages,
        tools,
        stream_options: { include_usage: true },
      });
      const completion = await stream.finalChatCompletion();
      log.push(completion);
      const [choice] = completion.choices;
      if (choice) return choice.message;
    } catch (error) {
      log.push((error as Error).message);
    }
  }
}

async function aside(openai: OpenAI, topic: string): Promise<unknown> {
  return openai.chat.completions.create({ model, messages: [{ role: 'user', content: `An aside about ${topic}` }] });
}

async function abandoned(openai: OpenAI): Promise<unknown> {
  const messages: Message[] = [{ role: 'user', content: everything }];
  const chunks: unknown[] = [];
  for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true })) {
    chunks.push(chunk);
    if (chunks.length === 3) break;
  }
  return chunks;
}
