/** Request bodies of a given size, the same on every run: shaped like what agents send, filled with made-up words. */
import { seeded } from '@agent-cache/testkit/random';

type Chance = () => number;

function word(next: Chance): string {
  const length = 2 + Math.floor(next() * 8);
  return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(next() * 26))).join('');
}

/** Words with the quotes, line ends and letters beyond ASCII that prompts have. */
function prose(next: Chance, length: number): string {
  let text = '';
  while (text.length < length)
    text += word(next) + (['. ', ', "', '" ', '\n', ' – ', ' ü '][Math.floor(next() * 40)] ?? ' ');
  return text.slice(0, length);
}

function tool(next: Chance): unknown {
  const properties = Array.from({ length: 5 }, () => [word(next), { type: 'string', description: prose(next, 60) }]);
  const names = properties.slice(0, 2).map(([name]) => name);
  return {
    type: 'function',
    function: {
      name: `${word(next)}_${word(next)}`,
      description: prose(next, 200),
      parameters: {
        type: 'object',
        properties: Object.fromEntries(properties),
        required: names,
        additionalProperties: false,
      },
    },
  };
}

function turn(next: Chance, index: number): unknown {
  const id = `call_${word(next)}${index}`;
  const call = {
    id,
    type: 'function',
    function: { name: word(next), arguments: JSON.stringify({ query: prose(next, 40), limit: index }) },
  };
  if (index % 4 === 0) return { role: 'user', content: prose(next, 300) };
  if (index % 4 === 1) return { role: 'assistant', content: null, tool_calls: [call] };
  if (index % 4 === 2)
    return { role: 'tool', tool_call_id: id, content: JSON.stringify({ text: prose(next, 300), score: next() }) };
  return { role: 'assistant', content: prose(next, 300) };
}

/** A chat request with this many turns after the system prompt; 40 turns are 29 KB. */
export function chatBody(turns: number): Record<string, unknown> {
  const next = seeded(29);
  const body = {
    model: 'gpt-5.6',
    temperature: 0.2,
    messages: [{ role: 'system', content: prose(next, 6_000) }] as unknown[],
    tools: Array.from({ length: 12 }, () => tool(next)),
    tool_choice: 'auto',
    seed: 7,
    stream: true,
  };
  for (let index = 0; index < turns; index++) body.messages.push(turn(next, index));
  // As it comes from a client: parsed, so that strings and objects are laid out as in production.
  return JSON.parse(JSON.stringify(body));
}
