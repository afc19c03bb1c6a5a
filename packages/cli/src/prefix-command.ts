import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { BrokenPrefix, PromptFormat, SimulateOptions } from '@agent-cache/prompt-cache-warmer';
import { columns } from './columns.ts';
import { type Command, type ExitCode, type Io, UsageError } from './io.ts';
import { simulationText } from './simulation-text.ts';

const help = `agent-cache prefix simulate --model <model>            what keep-alive policies would cost for one prompt prefix
agent-cache prefix snapshot <file>… --out <file>       writes down what your prompts begin with: digests, no text
agent-cache prefix check <file>… --snapshot <file>     fails when a prompt no longer begins so, and says where

  --model <name>      whose prices and lifetimes
  --tokens <count>    size of the prefix (default: 10000)
  --arrivals <file>   when it was used: a JSON list of dates or ms since the epoch (default: ten generated traces)
  --out <file>        where the snapshot goes
  --snapshot <file>   the snapshot to check against
  --format <api>      anthropic-messages, openai-chat, openai-responses, gemini-generate, bedrock-converse (default: by the body's fields)
  --json              machine-readable

The files of snapshot and check are request bodies as JSON; everything but the last message has to stay. check ends with 1 when a prefix
is broken or has no snapshot.
`;

const options = {
  model: { type: 'string' },
  tokens: { type: 'string', default: '10000' },
  arrivals: { type: 'string' },
  out: { type: 'string' },
  snapshot: { type: 'string' },
  format: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

interface Values {
  readonly model?: string | undefined;
  readonly tokens: string;
  readonly arrivals?: string | undefined;
  readonly out?: string | undefined;
  readonly snapshot?: string | undefined;
  readonly format?: string | undefined;
  readonly json: boolean;
}

/** `agent-cache prefix`. */
export const prefixCommand: Command = {
  name: 'prefix',
  summary: "prompt prefixes in the providers' caches: policies played, changes caught",
  help,
  async run(argv, io) {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [verb, ...files] = positionals;
    if (verb === 'simulate') return runSimulate(files, values, io);
    if (verb === 'snapshot') return runSnapshot(files, values, io);
    if (verb === 'check') return runCheck(files, values, io);
    throw new UsageError('say what to do: simulate, snapshot or check.');
  },
};

async function runSimulate(
  files: readonly string[],
  { model, tokens, arrivals, json }: Values,
  io: Io,
): Promise<ExitCode> {
  if (model === undefined) throw new UsageError('name the model: --model claude-opus-5-5.');
  if (files.length > 0) throw new UsageError(`what is ${files[0]}? A trace is given by --arrivals <file>.`);
  const promptTokens = Number(tokens);
  if (!Number.isSafeInteger(promptTokens) || promptTokens < 1)
    throw new UsageError(`--tokens ${tokens} is no number of tokens.`);
  const simulated: SimulateOptions = { model, promptTokens };
  const { policyRow, policyTable, standardTraces } = await import('@agent-cache/prompt-cache-warmer');
  if (arrivals !== undefined) {
    io.stdout.write(await simulationText(await readArrivals(arrivals), simulated, json));
    return 0;
  }
  const rows = standardTraces().map((trace) => policyRow(trace, simulated));
  if (json) io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else
    io.stdout.write(
      `A prefix of ${promptTokens} tokens, ${model}, in US dollars per 1,000 requests\n\n${policyTable(rows)}`,
    );
  return 0;
}

async function readArrivals(file: string): Promise<readonly number[]> {
  const list = await readJson(file);
  if (!Array.isArray(list) || list.length === 0)
    throw new UsageError(`${file} is no JSON list of dates or ms since the epoch.`);
  const times = list.map((one) => (typeof one === 'number' ? one : Date.parse(String(one))));
  const wrong = times.findIndex((time) => !Number.isFinite(time));
  if (wrong >= 0) throw new UsageError(`${file}: item ${wrong}, ${JSON.stringify(list[wrong])}, is no date.`);
  return times.sort((a, b) => a - b);
}

async function runSnapshot(files: readonly string[], { out, format }: Values, io: Io): Promise<ExitCode> {
  if (out === undefined) throw new UsageError('say where the snapshot goes: --out prefixes.json.');
  const { snapshotPrefixes } = await import('@agent-cache/prompt-cache-warmer');
  const snapshot = snapshotPrefixes(await readPrompts(files), { format: formatOf(format) });
  await writeFile(out, `${JSON.stringify(snapshot, null, 2)}\n`);
  io.stdout.write(`${files.length} ${files.length === 1 ? 'prefix' : 'prefixes'} written to ${out}.\n`);
  return 0;
}

async function runCheck(files: readonly string[], { snapshot, format, json }: Values, io: Io): Promise<ExitCode> {
  if (snapshot === undefined) throw new UsageError('name the snapshot: --snapshot prefixes.json.');
  const { checkPrefixes, parseSnapshot } = await import('@agent-cache/prompt-cache-warmer');
  const found = checkPrefixes(parseSnapshot(await read(snapshot)), await readPrompts(files), {
    format: formatOf(format),
  });
  const isGood = found.broken.length + found.added.length === 0;
  if (json) io.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else {
    if (found.broken.length > 0) io.stdout.write(brokenText(found.broken));
    for (const name of found.added) io.stdout.write(`${name} is not in ${snapshot}.\n`);
    if (isGood) io.stdout.write(`${files.length} of ${files.length} prefixes are what ${snapshot} says.\n`);
    else io.stdout.write('When that is meant, write the snapshot anew: agent-cache prefix snapshot.\n');
  }
  return isGood ? 0 : 1;
}

function brokenText(broken: readonly BrokenPrefix[]): string {
  const rows = broken.map(({ name, path, kind, lostTokens, sharedTokens }) => [
    name,
    path ?? kind,
    String(lostTokens),
    String(lostTokens + sharedTokens),
  ]);
  return `${columns([['prompt', 'breaks at', 'tokens lost', 'of'], ...rows])}\n${broken.map(({ name, message }) => `${name}: ${message}\n`).join('')}`;
}

async function readPrompts(files: readonly string[]): Promise<Record<string, Record<string, unknown>>> {
  if (files.length === 0) throw new UsageError('name the files of the prompts: prompts/*.json.');
  const prompts = await Promise.all(
    files.map(async (file) => {
      const body = await readJson(file);
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        throw new UsageError(`${file} is no request body.`);
      return [file, body as Record<string, unknown>] as const;
    }),
  );
  return Object.fromEntries(prompts);
}

const formats: readonly PromptFormat[] = [
  'anthropic-messages',
  'openai-chat',
  'openai-responses',
  'gemini-generate',
  'bedrock-converse',
];

function formatOf(name: string | undefined): PromptFormat | undefined {
  const format = formats.find((known) => known === name);
  if (name !== undefined && format === undefined)
    throw new UsageError(`--format ${name} is none of ${formats.join(', ')}.`);
  return format;
}

async function readJson(file: string): Promise<unknown> {
  const text = await read(file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${file} is no JSON.`, { cause });
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file} cannot be read.`, { cause });
  }
}
