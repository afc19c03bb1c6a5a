import { searchArticles } from './knowledge-base.ts';

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the one object that the tool takes */
  readonly parameters: {
    type: 'object';
    properties: Record<string, { type: 'string'; description: string }>;
    required: string[];
    [keyword: string]: unknown;
  };
  run(parameters: Readonly<Record<string, unknown>>): unknown;
}

function tool(
  name: string,
  description: string,
  parameter: [name: string, about: string],
  run: (text: string) => unknown,
): Tool {
  const [key, about] = parameter;
  return {
    name,
    description,
    parameters: { type: 'object', properties: { [key]: { type: 'string', description: about } }, required: [key] },
    run: (parameters) => run(String(parameters[key] ?? '')),
  };
}

const states = ['being packed', 'on its way', 'at the local depot', 'delivered'] as const;

function orderStatus(text: string): unknown {
  const [order] = /[A-Z]-\d{4}/.exec(text) ?? [];
  if (order === undefined) return { error: 'no order number such as A-1042 was given' };
  const sum = [...order].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return { order, state: states[sum % states.length] };
}

/** What the agent can do. Each tool answers the same question the same way, as a read-only lookup should. */
export const tools: readonly Tool[] = [
  tool(
    'search_help',
    'Searches the help centre. Use it for every question about policies and how things work.',
    ['query', 'what to look for'],
    (query) => searchArticles(query),
  ),
  tool('order_status', 'Status of an order, by its number.', ['order_number', 'for example A-1042'], orderStatus),
  tool(
    'open_ticket',
    'Hands the question to a person. Use it when the customer asks for one.',
    ['topic', 'the topic in a few words'],
    (topic) => ({
      topic,
      queue: topic.length % 2 === 0 ? 'orders' : 'accounts',
      answerWithin: '1 working day',
    }),
  ),
];

/** Runs the named tool; an unknown name is an answer to the model, not an error to the customer. */
export function runTool(name: string, parameters: Readonly<Record<string, unknown>>): string {
  const found = tools.find((candidate) => candidate.name === name);
  return JSON.stringify(found ? found.run(parameters) : { error: `there is no tool named ${name}` });
}
