import { answerOf, formatOf, modelOf } from './answer.ts';
import { type Turn, turnIdentity, turnsOf } from './conversation.ts';
import type { Exchange, RecordedResponse, ToolRecord } from './fixture-format.ts';
import { isObject, objectOf, textOf } from './json-value.ts';

const maxLineLength = 400;

/** A run as a person reads it: every turn once, in the order in which it came up, and what went wrong between. */
export function transcriptOf(exchanges: readonly Exchange[], tools: readonly ToolRecord[] = []): string[] {
  const lines: string[] = [];
  const seen: (readonly string[])[] = [];
  for (const exchange of exchanges) {
    const format = formatOf(exchange.request);
    const asked = format ? turnsOf(format.name, exchange.request.body) : [];
    const answered = answerOf(exchange)?.turns ?? [];
    const identities = asked.map(turnIdentity);
    const known = Math.max(0, ...seen.map((earlier) => commonStart(earlier, identities)));
    if (asked.length === 0) lines.push(line('call', callOf(exchange)));
    else if (known === asked.length) lines.push(line('again', 'the same request'));
    const names = callNames(asked);
    for (const turn of asked.slice(known)) lines.push(...turnLines(turn, names));
    for (const turn of answered) lines.push(...turnLines(turn, names));
    lines.push(...endingLines(exchange));
    seen.push([...identities, ...answered.map(turnIdentity)]);
  }
  for (const { name, input, output, error } of tools) {
    lines.push(line('ran', `${name} ${JSON.stringify(input)} -> ${error ? error.message : JSON.stringify(output)}`));
  }
  return lines;
}

function commonStart(left: readonly string[], right: readonly string[]): number {
  let at = 0;
  while (at < left.length && at < right.length && left[at] === right[at]) at++;
  return at;
}

function callOf({ request }: Exchange): string {
  const model = modelOf(request);
  return `${request.method} ${new URL(request.url).pathname}${model === undefined ? '' : ` ${model}`}`;
}

function callNames(turns: readonly Turn[]): Map<string, string> {
  return new Map(turns.flatMap(({ calls }) => calls.map(({ id, name }) => [id, name] as const)));
}

function turnLines({ role, text, calls, answers = '' }: Turn, names: ReadonlyMap<string, string>): string[] {
  const lines = calls.map(({ name, input }) => line('model', `-> ${name} ${input}`));
  if (role === 'tool') return [line('tool', `${names.get(answers) ?? answers} ${text}`.trim())];
  return text === '' ? lines : [line(role, text), ...lines];
}

function endingLines({ response, failure }: Exchange): string[] {
  if (failure) return [line(failure.kind, failure.message)];
  if (response === undefined) return [];
  const lines = response.status >= 400 ? [line('error', `${response.status} ${reasonOf(response)}`.trim())] : [];
  if (response.end === 'error')
    lines.push(line('cut', `the stream broke off after ${response.events?.length ?? 0} events`));
  if (response.end === 'abort') lines.push(line('abort', 'the client went away'));
  return lines;
}

function reasonOf({ body, text = '' }: RecordedResponse): string {
  const { error, message } = objectOf(body);
  if (isObject(error)) return textOf(error.message);
  return textOf(error) || textOf(message) || text;
}

function line(who: string, what: string): string {
  const flat = what.replaceAll(/\s*\n\s*/g, ' / ');
  const short = flat.length > maxLineLength ? `${flat.slice(0, maxLineLength)}… (${flat.length} characters)` : flat;
  return `${who.padEnd(7)} ${short}`;
}
