import { wireFormats } from '@agent-cache/wire-formats';
import { jsonOf } from './json-bytes.ts';
import { isStoredAnswer, type StoredAnswer } from './stored-answer.ts';

/**
 * What a person reads of a stored answer: the text of its first choice. For answer indexes, which compare what two answers say and not
 * their ids and token counts. undefined when it is no stored answer, or has no text.
 */
export function textOfAnswer(value: unknown): string | undefined {
  const format = formatOf(value);
  if (format === undefined || !isStoredAnswer(value, format)) return undefined;
  try {
    const text = partsOf(jsonOfAnswer(value)).join('\n');
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

function formatOf(value: unknown): StoredAnswer['format'] | undefined {
  const { format } = fieldsOf(value);
  return typeof format === 'string' && Object.hasOwn(wireFormats, format)
    ? (format as StoredAnswer['format'])
    : undefined;
}

function jsonOfAnswer({ format, streamed, body }: StoredAnswer): unknown {
  return streamed ? wireFormats[format].toJson?.(body) : jsonOf(body);
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** Each API has its answer in a field of its own; the parts of a thought are not said to anybody. */
function partsOf(answer: unknown): readonly string[] {
  const { choices, output, content, candidates } = fieldsOf(answer);
  const [choice] = listOf(choices);
  const [candidate] = listOf(candidates);
  const said = [
    { text: fieldsOf(choice?.message).content },
    ...listOf(output).flatMap((item) => (item.type === 'message' ? listOf(item.content) : [])),
    ...listOf(content).filter((block) => block.type === 'text'),
    ...listOf(fieldsOf(candidate?.content).parts).filter((part) => part.thought !== true),
  ];
  return said.flatMap(({ text }) => (typeof text === 'string' && text !== '' ? [text] : []));
}
