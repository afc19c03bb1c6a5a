import { parseArgs } from 'node:util';
import { loadPrices, modelPrices, priceOf } from '@agent-cache/cost-table';
import { diffPrices, diffText } from './diff-prices.ts';
import { type Command, type ExitCode, type Io, UsageError } from './io.ts';
import { nearNames } from './near-names.ts';
import { priceText } from './price-text.ts';

const help = `agent-cache prices <model>        what a model costs, its tiers, and where and when that was read
agent-cache prices --diff <file>  a price file beside the built-in table

  --provider <name>  who bills it: openai, bedrock, vertex, …
  --at <date>        the price of that day, as 2026-11-21 (default: today)
  --diff <file>      a file or address with { "<model>": { "input": 2, "output": 10 } }, or LiteLLM's price file
  --json             machine-readable

Ends with 0; with 1 for a model that is unknown, or prices that differ; with 2 when something is wrong.
`;

const options = {
  provider: { type: 'string' },
  at: { type: 'string' },
  diff: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** `agent-cache prices`. */
export const pricesCommand: Command = {
  name: 'prices',
  summary: 'what a model costs; a price file beside the built-in table',
  help,
  async run(argv, io) {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const at = values.at === undefined ? Date.now() : dateOf(values.at);
    if (values.diff !== undefined) {
      if (positionals.length > 0) throw new UsageError('either a model or --diff, not both.');
      return await runDiff(values.diff, { at, json: values.json }, io);
    }
    const [model, ...more] = positionals;
    if (model === undefined || more.length > 0) throw new UsageError('name one model, such as gpt-6-sol.');
    return showPrice(model, { at, provider: values.provider, json: values.json }, io);
  },
};

function showPrice(
  model: string,
  { at, provider, json }: { readonly at: number; readonly provider: string | undefined; readonly json: boolean },
  io: Io,
): ExitCode {
  const price = priceOf(model, { provider, at });
  if (price !== undefined) {
    io.stdout.write(json ? `${JSON.stringify(price, null, 2)}\n` : priceText(price));
    return 0;
  }
  const near = nearNames(model, modelPrices);
  if (json) io.stdout.write(`${JSON.stringify({ model, price: null, near }, null, 2)}\n`);
  else {
    io.stderr.write(`The price of ${model}${provider === undefined ? '' : ` at ${provider}`} is not known.\n`);
    if (near.length > 0) io.stderr.write(`Names like it (other models, with other prices): ${near.join(', ')}\n`);
  }
  return 1;
}

async function runDiff(
  file: string,
  { at, json }: { readonly at: number; readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const diff = diffPrices(await loadPrices(file), at);
  io.stdout.write(json ? `${JSON.stringify(diff, null, 2)}\n` : diffText(diff));
  return diff.different.length + diff.unknown.length === 0 ? 0 : 1;
}

function dateOf(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new UsageError(`--at ${text} is no date; write it as 2026-11-21.`);
  return at;
}
