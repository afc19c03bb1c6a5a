// One small agent with two tools, on two SDKs. All it knows of its tests is that `fetch` can be given to it.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

export interface Tools {
  findOrder(input: { question?: string }): Promise<unknown>;
  refund(input: { question?: string }): Promise<unknown>;
}

const system = 'You help customers of a shop. Look the order up first, refund when asked to.';
const schema = { type: 'object' as const, properties: { question: { type: 'string' } }, required: ['question'] };
const descriptions = { findOrder: 'Finds the order of a customer', refund: 'Refunds an order' };

async function run(tools: Tools, name: string, input: unknown): Promise<string> {
  if (name !== 'findOrder' && name !== 'refund') return 'no such tool';
  return JSON.stringify(await tools[name](input as { question?: string }));
}

/** Asks until the model answers in words; streams every step. */
export async function openaiAgent(question: string, tools: Tools, fetch: typeof globalThis.fetch): Promise<string> {
  const openai = new OpenAI({
    apiKey: process.env.OPENAI_API_KEY ?? 'none',
    baseURL: 'https://api.openai.com/v1',
    fetch,
  });
  const offered = Object.entries(descriptions).map(([name, description]) => ({
    type: 'function' as const,
    function: { name, description, parameters: schema },
  }));
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: 'system', content: system },
    { role: 'user', content: question },
  ];
  for (;;) {
    const stream = openai.chat.completions.stream({
      model: 'gpt-6-sol',
      messages,
      tools: offered,
      stream_options: { include_usage: true },
    });
    const message = (await stream.finalChatCompletion()).choices[0]?.message;
    if (!message?.tool_calls?.length) return message?.content ?? '';
    messages.push(message);
    for (const call of message.tool_calls) {
      const content =
        call.type === 'function' ? await run(tools, call.function.name, JSON.parse(call.function.arguments)) : '';
      messages.push({ role: 'tool', tool_call_id: call.id, content });
    }
  }
}

/** The same agent on Anthropic's SDK. */
export async function anthropicAgent(question: string, tools: Tools, fetch: typeof globalThis.fetch): Promise<string> {
  const anthropic = new Anthropic({
    apiKey: process.env.ANTHROPIC_API_KEY ?? 'none',
    baseURL: 'https://api.anthropic.com',
    fetch,
  });
  const offered = Object.entries(descriptions).map(([name, description]) => ({
    name,
    description,
    input_schema: schema,
  }));
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }];
  for (;;) {
    const { content } = await anthropic.messages.create({
      model: 'claude-opus-5-5',
      max_tokens: 1_000,
      system,
      messages,
      tools: offered,
    });
    const calls = content.filter((block) => block.type === 'tool_use');
    if (calls.length === 0) return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    messages.push({ role: 'assistant', content });
    const results = await Promise.all(
      calls.map(async ({ id, name, input }) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: await run(tools, name, input),
      })),
    );
    messages.push({ role: 'user', content: results });
  }
}
