/** A part of a message: words, an image, a call of a tool, or its result. */
type Part =
  | { readonly text: string }
  | { readonly image: string }
  | { readonly call: string; readonly id: string }
  | { readonly result: string; readonly id: string };

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly parts: readonly Part[];
}

/** One request, whatever the API. */
export interface Shape {
  readonly tools: readonly string[];
  readonly system: readonly string[];
  readonly turns: readonly Turn[];
}

/** A text of so many tokens that begins with its name. */
export const text = (name: string, tokens: number): string => `${name} `.padEnd(tokens * 4, 'lorem ipsum ');
const user = (...parts: (string | Part)[]): Turn => ({
  role: 'user',
  parts: parts.map((part) => (typeof part === 'string' ? { text: part } : part)),
});
const assistant = (...parts: (string | Part)[]): Turn => ({ ...user(...parts), role: 'assistant' });
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const POLICY = text('You are the support agent of a bank.', 2_500);

function conversation(count: number, name: string, turnTokens: number, head: Turn[] = []): Turn[][] {
  const turns: Turn[] = [...head];
  return range(count).map((turn) => {
    turns.push(user(text(`${name} question ${turn}`, turnTokens)));
    const request = [...turns];
    turns.push(assistant(text(`${name} answer ${turn}`, turnTokens)));
    return request;
  });
}

function toolLoop(steps: number, callsPerStep: number, resultTokens: number): Turn[][] {
  const turns: Turn[] = [user(text('Find out why the invoice is wrong', 60))];
  return range(steps).map((step) => {
    const request = [...turns];
    const ids = range(callsPerStep).map((call) => `call_${step}_${call}`);
    turns.push(assistant(`Step ${step}`, ...ids.map((id) => ({ call: `look up ${id}`, id }))));
    turns.push(user(...ids.map((id) => ({ result: text(`result of ${id}`, resultTokens), id }))));
    return request;
  });
}

const interleaved = <T>(lists: readonly (readonly T[])[]): T[] =>
  range(Math.max(...lists.map(({ length }) => length))).flatMap((index) =>
    lists.flatMap((list) => (index < list.length ? [list[index] as T] : [])),
  );
const shape = (turns: readonly Turn[], system: readonly string[] = [POLICY], tools: readonly string[] = []): Shape => ({
  tools,
  system,
  turns,
});

/** The requests of one application after the other, in the order in which they come. */
export const shapes: Readonly<Record<string, readonly Shape[]>> = {
  'long system prompt, unrelated questions': range(30).map((index) => shape([user(text(`Question ${index}`, 40))])),
  'many tools, short system prompt': range(20).map((index) =>
    shape(
      [user(`Question ${index}`)],
      ['You are helpful.'],
      range(60).map((tool) => text(`tool_${tool}`, 80)),
    ),
  ),
  'conversation of 200 turns': conversation(200, 'chat', 80).map((turns) => shape(turns)),
  'documents before a question': interleaved(
    range(4).map((set) =>
      range(8).map((index) =>
        shape(
          [user(...range(5).map((part) => text(`document ${set}.${part}`, 900)), text(`Question ${index}`, 30))],
          ['Answer from the documents.'],
        ),
      ),
    ),
  ),
  'images in the conversation': conversation(12, 'photo', 60, [
    user({ image: 'first' }, { image: 'second' }, 'What is on these?'),
    assistant('Two cats.'),
  ]).map((turns) => shape(turns, ['Describe images.'])),
  'tool loop': toolLoop(40, 1, 300).map((turns) => shape(turns, [POLICY], [text('look_up', 60)])),
  'tool loop with 24 calls at once': toolLoop(8, 24, 120).map((turns) => shape(turns, [POLICY], [text('look_up', 60)])),
  'parallel agents on one prefix': interleaved(range(6).map((agent) => conversation(12, `agent ${agent}`, 150))).map(
    (turns) => shape(turns),
  ),
  'examples before a question': range(25).map((index) =>
    shape(
      [
        ...range(12).flatMap((example) => [
          user(text(`Example ${example}`, 100)),
          assistant(text(`Label ${example}`, 60)),
        ]),
        user(text(`Case ${index}`, 120)),
      ],
      ['Label the cases.'],
    ),
  ),
  'a clock at the end of the system prompt': range(20).map((index) =>
    shape([user(text(`Question ${index}`, 40))], [POLICY, `The time is 2026-11-21T08:${String(index + 10)}:00Z.`]),
  ),
  'one policy, a profile per customer': interleaved(
    range(5).map((customer) =>
      conversation(6, `customer ${customer}`, 90).map((turns) =>
        shape(turns, [POLICY, text(`The customer is number ${customer}.`, 700)]),
      ),
    ),
  ),
  'a conversation that is edited and asked again': range(10).flatMap((attempt) =>
    conversation(4, `attempt ${attempt}`, 200, [
      ...range(6).flatMap((turn) => [user(text(`Plan ${turn}`, 200)), assistant(text(`Draft ${turn}`, 200))]),
    ]).map((turns) => shape(turns)),
  ),
};

const imagePart = (name: string): object => ({ type: 'base64', media_type: 'image/png', data: btoa(name) });

function anthropicPart(part: Part): object {
  if ('text' in part) return { type: 'text', text: part.text };
  if ('image' in part) return { type: 'image', source: imagePart(part.image) };
  if ('call' in part) return { type: 'tool_use', id: part.id, name: 'look_up', input: { what: part.call } };
  return { type: 'tool_result', tool_use_id: part.id, content: part.result };
}

export function anthropicBody({ tools, system, turns }: Shape, model: string): Record<string, unknown> {
  return {
    model,
    max_tokens: 1,
    tools: tools.map((description, index) => ({
      name: `look_up${index || ''}`,
      description,
      input_schema: { type: 'object' },
    })),
    system: system.map((words) => ({ type: 'text', text: words })),
    messages: turns.map(({ role, parts }) => ({ role, content: parts.map(anthropicPart) })),
  };
}

const toolNamed = (description: string, index: number): object => ({
  name: `look_up${index || ''}`,
  description,
  parameters: {},
});
const isCall = (part: Part): part is Extract<Part, { readonly call: string }> => 'call' in part;
const callArguments = (part: { readonly call: string }): string => JSON.stringify({ what: part.call });

function chatPart(part: Part): object {
  if ('image' in part) return { type: 'image_url', image_url: { url: `data:image/png;base64,${btoa(part.image)}` } };
  return { type: 'text', text: 'text' in part ? part.text : '' };
}

function chatMessages({ role, parts }: Turn): object[] {
  const results = parts.flatMap((part) =>
    'result' in part ? [{ role: 'tool', tool_call_id: part.id, content: part.result }] : [],
  );
  if (results.length > 0) return results;
  const calls = parts.filter(isCall);
  const content = parts.filter((part) => !isCall(part)).map(chatPart);
  if (calls.length === 0) return [{ role, content }];
  const tool_calls = calls.map((part) => ({
    id: part.id,
    type: 'function',
    function: { name: 'look_up', arguments: callArguments(part) },
  }));
  return [{ role, content, tool_calls }];
}

export function chatBody({ tools, system, turns }: Shape, model: string): Record<string, unknown> {
  return {
    model,
    max_completion_tokens: 1,
    tools: tools.map((description, index) => ({ type: 'function', function: toolNamed(description, index) })),
    messages: [...system.map((content) => ({ role: 'system', content })), ...turns.flatMap(chatMessages)],
  };
}

function responsesPart(role: string, part: Part): object {
  if ('image' in part) return { type: 'input_image', image_url: `data:image/png;base64,${btoa(part.image)}` };
  return { type: role === 'user' ? 'input_text' : 'output_text', text: 'text' in part ? part.text : '' };
}

function responsesItems({ role, parts }: Turn): object[] {
  const words = parts.filter((part) => 'text' in part || 'image' in part).map((part) => responsesPart(role, part));
  const others = parts.flatMap((part): object[] => {
    if ('call' in part)
      return [{ type: 'function_call', call_id: part.id, name: 'look_up', arguments: callArguments(part) }];
    return 'result' in part ? [{ type: 'function_call_output', call_id: part.id, output: part.result }] : [];
  });
  return [...(words.length > 0 ? [{ role, content: words }] : []), ...others];
}

export function responsesBody({ tools, system, turns }: Shape, model: string): Record<string, unknown> {
  return {
    model,
    max_output_tokens: 16,
    tools: tools.map((description, index) => ({ type: 'function', ...toolNamed(description, index) })),
    input: [
      ...system.map((words) => ({ role: 'developer', content: [{ type: 'input_text', text: words }] })),
      ...turns.flatMap(responsesItems),
    ],
  };
}
