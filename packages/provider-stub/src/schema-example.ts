import type { Json } from './provider-api.ts';
import { asList, asObject, asText } from './read-json.ts';

/** Deep enough for any real schema, and an end for one that contains itself. */
const MAX_DEPTH = 8;

/** Something that looks like an order number, a date or a code. */
const CODE = /\b(?=[\w-]*\d)[\w-]+\b/;

function textFor(field: string, text: string): string {
  const wantsCode = /id$|number|code|order|date|reference/i.test(field);
  return (wantsCode && CODE.exec(text)?.[0]) || text;
}

function numberFor(schema: Json, text: string): number {
  const found = Number(/(?<!\w)-?\d+(?:\.\d+)?/.exec(text)?.[0] ?? 1);
  const low = Number(schema.minimum ?? Number.NEGATIVE_INFINITY);
  const high = Number(schema.maximum ?? Number.POSITIVE_INFINITY);
  const bounded = Math.max(low, Math.min(high, found));
  return asText(schema.type).toLowerCase() === 'integer' ? Math.trunc(bounded) : bounded;
}

function choiceFor(choices: readonly unknown[], text: string): unknown {
  const lower = text.toLowerCase();
  return choices.find((choice) => lower.includes(String(choice).toLowerCase())) ?? choices[0];
}

function objectFor(schema: Json, text: string, root: Json, depth: number): unknown {
  const properties = asObject(schema.properties);
  const required = schema.required === undefined ? Object.keys(properties) : asList(schema.required).map(String);
  return Object.fromEntries(
    required.map((field) => [field, valueFor(asObject(properties[field]), text, root, field, depth + 1)]),
  );
}

function typeOf(schema: Json): string {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  return asText(type).toLowerCase() || (schema.properties ? 'object' : 'string');
}

function resolved(schema: Json, root: Json): Json {
  const path = asText(schema.$ref).replace(/^#\//, '').split('/');
  if (path[0] === '') return schema;
  return path.reduce((at, step) => asObject(at[step]), root);
}

function valueFor(unresolved: Json, text: string, root: Json, field: string, depth: number): unknown {
  if (depth > MAX_DEPTH) return null;
  const schema = resolved(unresolved, root);
  const [first] = [...asList(schema.anyOf), ...asList(schema.oneOf), ...asList(schema.allOf)];
  if (first) return valueFor(asObject(first), text, root, field, depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return choiceFor(asList(schema.enum), text);
  switch (typeOf(schema)) {
    case 'object':
      return objectFor(schema, text, root, depth);
    case 'array':
      return [valueFor(asObject(schema.items), text, root, field, depth + 1)];
    case 'number':
    case 'integer':
      return numberFor(schema, text);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return textFor(field, text);
  }
}

/** A value that fits a JSON schema, filled from a text: required fields only, enums by the word the text contains. */
export function exampleOf(schema: Json, text: string): unknown {
  return valueFor(schema, text, schema, '', 0);
}
