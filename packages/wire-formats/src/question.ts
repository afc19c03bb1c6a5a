import { isObject, type JsonObject, listOf, objectOf, textOf } from './json-value.ts';
import type { AskedQuestion } from './wire-format.ts';

/** Where one API keeps its turns and what a turn looks like. */
interface Turns {
  /** the body, denied fields already gone */
  readonly body: unknown;
  /** the field with the list of turns */
  readonly field: string;
  /** the field of a turn that holds its text or its parts */
  readonly parts: string;
  /** `type` of a part that is text; undefined where parts have no type and exactly one field, `text` */
  readonly partType: string | undefined;
  /** a turn that is not part of the conversation: a system prompt */
  isSetup(turn: JsonObject): boolean;
  isQuestion(turn: JsonObject): boolean;
}

/** The last turn's text when it is a user's and nothing but text, with the rest of the body as its scope. */
export function lastQuestion({ body, field, parts, partType, isSetup, isQuestion }: Turns): AskedQuestion | undefined {
  if (!isObject(body)) return undefined;
  const turns = listOf(body[field]);
  const last = turns.at(-1);
  if (!isObject(last) || !isQuestion(last)) return undefined;
  const text = textOfParts(last[parts], partType);
  if (text === undefined || text === '') return undefined;
  const { [parts]: _text, ...turn } = last;
  const earlier = turns.slice(0, -1);
  return {
    scope: { ...body, [field]: [...earlier, turn] },
    text,
    selfContained: earlier.every((other) => isSetup(objectOf(other))),
  };
}

function textOfParts(content: unknown, partType: string | undefined): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part) => textOfPart(part, partType));
  return texts.includes(undefined) ? undefined : texts.join('\n');
}

/** Text of a part that has nothing else to say. */
function textOfPart(part: unknown, partType: string | undefined): string | undefined {
  const { type, text, ...others } = objectOf(part);
  return type === partType && Object.keys(others).length === 0 ? textOf(text) : undefined;
}
