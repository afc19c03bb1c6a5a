import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { runTool, tools } from './tools.ts';

const instructions = [
  'You are the support agent of Paper & Parcel, a shop for stationery.',
  'Look things up before you answer: policies with search_help, orders with order_status.',
  'Answer in at most three sentences, in plain words, and never invent an order number.',
].join(' ');

/** At most this many turns of calling tools before the agent must answer. */
const MAX_TURNS = 4;

export interface Agent {
  readonly name: string;
  answer(question: string, options: { readonly streamed: boolean }): Promise<string>;
}

/** The agent on OpenAI's chat completions. */
export function openaiAgent(client: OpenAI, model: string): Agent {
  const definitions = tools.map(({ name, description, parameters }) => ({
    type: 'function' as const,
    function: { name, description, parameters },
  }));

  async function turn(messages: OpenAI.ChatCompletionMessageParam[], streamed: boolean) {
    const request = { model, messages, tools: definitions };
    const completion = streamed
      ? await client.chat.completions
          .stream({ ...request, stream_options: { include_usage: true } })
          .finalChatCompletion()
      : await client.chat.completions.create(request);
    return completion.choices[0]?.message;
  }

  return {
    name: 'openai',
    async answer(question, { streamed }) {
      const messages: OpenAI.ChatCompletionMessageParam[] = [
        { role: 'system', content: instructions },
        { role: 'user', content: question },
      ];
      for (let count = 0; count < MAX_TURNS; count++) {
        const message = await turn(messages, streamed);
        if (!message?.tool_calls?.length) return message?.content ?? '';
        messages.push({ role: 'assistant', content: message.content, tool_calls: message.tool_calls });
        for (const call of message.tool_calls) {
          if (call.type !== 'function') continue;
          const content = runTool(call.function.name, JSON.parse(call.function.arguments));
          messages.push({ role: 'tool', tool_call_id: call.id, content });
        }
      }
      return 'Let me hand you over to a colleague.';
    },
  };
}

/** The same agent on Anthropic's messages. */
export function anthropicAgent(client: Anthropic, model: string): Agent {
  const definitions = tools.map(({ name, description, parameters }) => ({
    name,
    description,
    input_schema: parameters,
  }));

  async function turn(messages: Anthropic.MessageParam[], streamed: boolean): Promise<Anthropic.Message> {
    const request = { model, max_tokens: 512, system: instructions, messages, tools: definitions };
    return streamed ? client.messages.stream(request).finalMessage() : client.messages.create(request);
  }

  return {
    name: 'anthropic',
    async answer(question, { streamed }) {
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }];
      for (let count = 0; count < MAX_TURNS; count++) {
        const message = await turn(messages, streamed);
        const calls = message.content.filter((block) => block.type === 'tool_use');
        if (calls.length === 0)
          return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
        messages.push({ role: 'assistant', content: message.content });
        const results = calls.map((call) => ({
          type: 'tool_result' as const,
          tool_use_id: call.id,
          content: runTool(call.name, call.input as Record<string, unknown>),
        }));
        messages.push({ role: 'user', content: results });
      }
      return 'Let me hand you over to a colleague.';
    },
  };
}
