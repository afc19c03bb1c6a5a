import { channels } from '@agent-cache/core-tier';
import type { PriceList, Usage } from '@agent-cache/cost-table';
import { TelemetryError } from './errors.ts';

/** Where the price of a call comes from that carries none itself. */
export interface PriceOptions {
  /** Your own prices in US dollars per million tokens, by model; they win over the table. */
  readonly prices?: PriceList;
  /** Whether models that `prices` does not name are looked up in cost-table's table. @default true */
  readonly table?: boolean;
}

/** What one call costs in integer pico-dollars (10⁻¹² US dollars); undefined when its price is not known. */
export type PriceCall = (model: string, usage: Usage, provider: string | undefined) => bigint | undefined;

export interface Pricer {
  /** Hands `use` the price: at once, or as soon as the price table is loaded. */
  quote(model: string, usage: Usage, provider: string | undefined, use: (picoUsd: bigint | undefined) => void): void;
  /** quotes without an answer yet */
  readonly waiting: number;
  /** Everything quoted so far has its price. */
  settled(): Promise<void>;
}

const MAX_WAITING = 10_000;

/**
 * A message that carries no price is priced here. cost-table is loaded when the first such message comes, so a process that needs no
 * prices never holds it.
 */
export function createPricer(
  options: PriceOptions,
  load: (options: PriceOptions) => Promise<PriceCall> = loadPrices,
): Pricer {
  const priceless = options.table === false && options.prices === undefined;
  let known: PriceCall | undefined = priceless ? () => undefined : undefined;
  let loading: Promise<void> | undefined;
  let waiting: (() => void)[] = [];

  const finishLoading = (loaded: PriceCall): void => {
    known = loaded;
    const quotes = waiting;
    waiting = [];
    for (const quote of quotes) quote();
  };
  const startLoading = (): Promise<void> =>
    load(options).then(finishLoading, (cause: unknown) => {
      finishLoading(() => undefined);
      const message =
        'The prices could not be loaded, so calls without a price stay unpriced; bundle @agent-cache/cost-table, or set `table: false`.';
      publishError(new TelemetryError('ERR_TELEMETRY_PRICES', message, { cause }));
    });

  return {
    get waiting() {
      return waiting.length;
    },
    quote(model, usage, provider, use) {
      if (known !== undefined) return use(priceSafely(known, model, usage, provider));
      if (waiting.length >= MAX_WAITING) return use(undefined);
      waiting.push(() => use(known && priceSafely(known, model, usage, provider)));
      loading ??= startLoading();
    },
    settled: async () => loading,
  };
}

/** A usage that cannot be priced (a negative count, say) is a call of unknown price, not a crash of the one who listens. */
function priceSafely(price: PriceCall, model: string, usage: Usage, provider: string | undefined): bigint | undefined {
  try {
    return price(model, usage, provider);
  } catch {
    return undefined;
  }
}

async function loadPrices({ prices, table }: PriceOptions): Promise<PriceCall> {
  if (table === false) {
    const { costOf } = await import('@agent-cache/cost-table/own-prices');
    return (model, usage, provider) => costOf(model, usage, { provider, prices })?.picoUsd;
  }
  const { costOf } = await import('@agent-cache/cost-table');
  return (model, usage, provider) => costOf(model, usage, { provider, prices })?.picoUsd;
}

export function publishError(error: TelemetryError): void {
  if (channels.error.hasSubscribers) channels.error.publish({ code: error.code, error, operation: 'telemetry' });
}
