import type { EntryCost } from '@agent-cache/core-tier';
import type { PriceList, Usage } from '@agent-cache/cost-table';
import type { WireFormatName } from '@agent-cache/wire-formats';
import { createRecentTable, type RecentTable } from './recent-table.ts';
import { reportTrouble } from './trouble.ts';

type CostTable = typeof import('@agent-cache/cost-table');

/** What a provider said of its answer. */
interface Bill {
  readonly format: WireFormatName;
  /** as the answer names it, or else the request */
  readonly model: string | undefined;
  /** as the request names it, when the answer has another name that nobody knows */
  readonly askedModel: string | undefined;
  /** the raw object */
  readonly usage: unknown;
  readonly host: string;
  readonly computeMs: number;
}

export interface Priced {
  readonly usage: Usage | undefined;
  readonly cost: EntryCost;
}

/** Prices answers. The price table is loaded with the first upstream call, so that hits alone never pay for it. */
export interface Pricing {
  /** Starts loading, so that the table is there when the answer is. */
  prepare(): void;
  /** At once when the table is loaded. Never throws: what has no known price has no `picoUsd`. */
  priceOf(bill: Bill): Priced | Promise<Priced>;
}

export function createPricing(prices: PriceList | undefined): Pricing {
  let table: CostTable | undefined;
  let loading: Promise<CostTable | undefined> | undefined;
  const unknown = createRecentTable<true>(1_000);
  const load = (): Promise<CostTable | undefined> => {
    loading ??= import('@agent-cache/cost-table').then(
      (loaded) => {
        table = loaded;
        return loaded;
      },
      (cause: unknown) => {
        reportTrouble(
          'ERR_LLM_CACHE_FAILED',
          'The price table could not be loaded; answers are stored without a price.',
          {
            operation: 'price',
            cause,
          },
        );
        return undefined;
      },
    );
    return loading;
  };
  return {
    prepare: () => void load(),
    priceOf: (bill) =>
      table === undefined
        ? load().then((loaded) => priced(loaded, prices, bill, unknown))
        : priced(table, prices, bill, unknown),
  };
}

function priced(
  table: CostTable | undefined,
  prices: PriceList | undefined,
  bill: Bill,
  unknown: RecentTable<true>,
): Priced {
  const { model, computeMs } = bill;
  const usage = table?.usageFrom[EXTRACTORS[bill.format]](bill.usage);
  if (table === undefined || usage === undefined) return { usage: undefined, cost: { model, computeMs } };
  const picoUsd = picoUsdOf(table, prices, bill, usage);
  if (picoUsd === undefined) reportUnknown(bill, unknown);
  const { inputTokens, outputTokens } = usage;
  return {
    usage,
    cost: { model, inputTokens, outputTokens, ...(picoUsd === undefined ? {} : { picoUsd }), computeMs },
  };
}

const EXTRACTORS = {
  'openai-chat': 'openaiChat',
  'openai-responses': 'openaiResponses',
  'openai-embeddings': 'openaiEmbeddings',
  'anthropic-messages': 'anthropic',
  'gemini-generate': 'gemini',
} as const satisfies Record<WireFormatName, keyof CostTable['usageFrom']>;

function picoUsdOf(
  table: CostTable,
  prices: PriceList | undefined,
  { model, askedModel, host }: Bill,
  usage: Usage,
): bigint | undefined {
  const options = { prices, provider: vendorOf(host) };
  for (const name of new Set([model, askedModel])) {
    const cost = name === undefined ? undefined : table.costOf(name, usage, options);
    if (cost !== undefined) return cost.picoUsd;
  }
  return undefined;
}

function reportUnknown({ model = 'without a name' }: Bill, unknown: RecentTable<true>): void {
  if (unknown.get(model) !== undefined) return;
  unknown.set(model, true);
  const message = `Nobody knows the price of the model "${model}", so what its answers save is not counted. Give it in \`prices\`.`;
  reportTrouble('ERR_LLM_CACHE_UNKNOWN_PRICE', message, { operation: 'price' });
}

const VENDORS: readonly (readonly [hostEnding: string, provider: string])[] = [
  ['api.openai.com', 'openai'],
  ['openai.azure.com', 'azure'],
  ['api.anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'google'],
  ['aiplatform.googleapis.com', 'vertex'],
  ['api.deepseek.com', 'deepseek'],
  ['api.x.ai', 'xai'],
  ['api.groq.com', 'groq'],
  ['api.mistral.ai', 'mistral'],
  ['api.together.xyz', 'together'],
  ['api.fireworks.ai', 'fireworks'],
  ['openrouter.ai', 'openrouter'],
];

/** Who bills for what this host answers; undefined for hosts that are nobody's in particular. */
export function vendorOf(host: string): string | undefined {
  return VENDORS.find(([ending]) => host === ending || host.endsWith(`.${ending}`) || host.endsWith(`-${ending}`))?.[1];
}
