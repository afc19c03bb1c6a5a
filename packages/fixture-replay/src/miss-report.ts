import { formatOf } from './answer.ts';
import { type Path, turnsOf } from './conversation.ts';
import type { Fixture, RecordedRequest } from './fixture-format.ts';
import { type Change, changesBetween, type MissKind } from './miss-kind.ts';
import { nearestTo } from './nearest.ts';
import { clip, pointerOf, wordDiff } from './value-diff.ts';

/** What is known when a request is not found. */
export interface Miss {
  readonly request: RecordedRequest;
  readonly fixture: Fixture;
  readonly used: ReadonlySet<number>;
  /** number of the request in this run, from 1 */
  readonly step: number;
  readonly file: string;
  /** what to type to record again */
  readonly recordCommand: string;
}

export interface MissReport {
  readonly kind: MissKind | undefined;
  readonly text: string;
}

const maxLines = 40;
const maxLineLength = 300;
const maxChanges = 6;

const causes: Readonly<Record<MissKind, string>> = {
  endpoint: 'the request goes to another address.',
  header: 'a header that counts changed.',
  model: 'the model changed.',
  system: 'the system prompt changed.',
  tools: 'a tool changed: its name, description or argument schema.',
  order: 'the same elements come in another order.',
  user: "the user's text changed.",
  attachment: 'an attachment of the user changed.',
  'model-turn': "the model's earlier turn was changed: the agent sends back something else than it received.",
  'tool-result': 'a tool result changed, so your code (not the prompt) differs from the recording.',
  longer: 'the conversation is longer than the recorded one: the agent went on, or the history has more turns.',
  shorter: 'the conversation ended earlier than the recorded one: turns are missing from the history.',
  sampling: 'a sampling setting changed.',
  'output-format': 'the output format changed.',
  'tool-choice': 'the choice of tools changed.',
  stream: 'the answer is asked for in another way (streamed or not).',
  'sdk-field': 'a field that a client library sets was added, removed or changed (an update of the library?).',
  form: 'the body changed.',
  volatile: 'values changed that differ on every run, and nothing else.',
};

/** Tells a request that was not found by how it differs from the recorded one it most likely was meant to be. */
export function missReport(miss: Miss): MissReport {
  const { request, fixture, used, step, file } = miss;
  const { host, pathname } = new URL(request.url);
  const index = nearestTo(request, fixture.exchanges, used);
  const recorded = index === undefined ? undefined : fixture.exchanges[index];
  const changes = recorded ? changesBetween(recorded.request, request) : [];
  const kind = causeOf(changes);
  const name = fixture.test === undefined ? '' : `  (${fixture.test})`;
  const lines = [
    `step ${step} of ${fixture.exchanges.length}, ${request.method} ${host}${pathname}${name}`,
    `Cause: ${kind ? causes[kind] : 'the recording holds no request like this.'}`,
    ...(index === undefined || index === step - 1
      ? []
      : [`Compared with the recorded step ${index + 1}, the nearest.`]),
    ...changes.slice(0, maxChanges).flatMap((change) => changeLines(change, recorded?.request)),
    ...(changes.length > maxChanges ? [`  and ${changes.length - maxChanges} more differences`] : []),
    ...adviceLines(changes),
  ];
  const { costUsd } = fixture.totals;
  const cost = costUsd === undefined ? '' : `      last recording cost $${costUsd}`;
  const ending = [`Record this test again:  ${miss.recordCommand}${cost}`, `Fixture: ${file}`];
  const flat = lines.flatMap((text) => text.split('\n')).map((line) => clip(line, maxLineLength));
  return { kind, text: [...flat.slice(0, maxLines - ending.length), ...ending].join('\n') };
}

function causeOf(changes: readonly Change[]): MissKind | undefined {
  const [first] = changes;
  // A tool that reports the time is a change of the tool's result: that says more than what kind of value it is.
  const named: readonly MissKind[] = ['tool-result', 'model-turn'];
  if (first && !named.includes(first.kind) && changes.every((change) => change.volatile)) return 'volatile';
  return first?.kind;
}

function changeLines({ kind, difference }: Change, request: RecordedRequest | undefined): string[] {
  const { path, before, after } = difference;
  const place = placeOf(kind, path, request);
  if (typeof before === 'string' && typeof after === 'string' && path.length > 0)
    return [place, `    ${wordDiff(before, after)}`];
  return [
    place,
    ...(before === undefined ? [] : [`-   ${shown(before)}`]),
    ...(after === undefined ? [] : [`+   ${shown(after)}`]),
  ];
}

function placeOf(kind: MissKind, path: Path, request: RecordedRequest | undefined): string {
  const pointer = pointerOf(path);
  const call = kind === 'tool-result' && request ? callBehind(path, request) : undefined;
  if (call) return `  the result of ${call}${pointer === '' ? '' : `, at ${pointer}`}`;
  return pointer === '' ? '  the address' : `  ${pointer}`;
}

/** The call whose result stands at a place: `get_weather({"city":"Oslo"})`. */
function callBehind(path: Path, request: RecordedRequest): string | undefined {
  const format = formatOf(request);
  const turns = format ? turnsOf(format.name, request.body) : [];
  const turn = turns.find(
    (candidate) => candidate.role === 'tool' && candidate.path.every((step, at) => step === path[at]),
  );
  const call = turns
    .flatMap(({ calls }) => calls)
    .find(({ id, name }) => id === turn?.answers || name === turn?.answers);
  return call && clip(`${call.name}(${call.input})`, 120);
}

function shown(value: unknown): string {
  return clip(JSON.stringify(value) ?? 'nothing');
}

/** The line that would make volatile values no difference, when they are all that differs. */
function adviceLines(changes: readonly Change[]): string[] {
  if (changes.length === 0 || !changes.every((change) => change.volatile)) return [];
  const wanted = new Map(
    changes.map(({ volatile: name, difference }) => [`${name} ${starred(difference.path)}`, name]),
  );
  const calls = [...wanted].map(([key, name]) => `volatile.${name}('${key.slice(String(name).length + 1)}')`);
  return [
    'It looks like a value of the moment: freeze it in the test, or let it not count with',
    `  normalize: [${calls.join(', ')}]`,
  ];
}

function starred(path: Path): string {
  // In reports tools go by their names, in bodies by their positions.
  return pointerOf(path[0] === 'tools' ? ['tools'] : path).replaceAll(/\/\d+(?=\/|$)/g, '/*');
}
