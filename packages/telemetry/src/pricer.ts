import { channels } from '@agent-cache/core-tier';
import type { Usage } from '@agent-cache/cost-table';
import { TelemetryError } from './errors.ts';

/** What one call costs in integer pico-dollars (10⁻¹² US dollars); undefined when its price is not known. */
export type PriceCall = (
  model: string,
  usage: Usage,
  options: { readonly provider?: string | undefined },
) => bigint | undefined;

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
 * A message that carries no price is priced here. The table of cost-table is loaded when the first such message comes, so a process
 * that needs no prices never holds it.
 */
export function createPricer(price: PriceCall | false | undefined, load: () => Promise<PriceCall> = loadTable): Pricer {
  let known: PriceCall | undefined = price === false ? () => undefined : price;
  let loading: Promise<void> | undefined;
  let waiting: (() => void)[] = [];

  const finishLoading = (loaded: PriceCall): void => {
    known = loaded;
    const quotes = waiting;
    waiting = [];
    for (const quote of quotes) quote();
  };
  const startLoading = (): Promise<void> =>
    load().then(finishLoading, (cause: unknown) => {
      finishLoading(() => undefined);
      const message =
        'The price table could not be loaded, so calls without a price stay unpriced; pass `price` to createRecorder.';
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
    return price(model, usage, { provider });
  } catch {
    return undefined;
  }
}

async function loadTable(): Promise<PriceCall> {
  const { costOf } = await import('@agent-cache/cost-table');
  return (model, usage, { provider }) =>
    costOf(model as never, usage, provider === undefined ? {} : ({ provider } as never))?.picoUsd;
}

export function publishError(error: TelemetryError): void {
  if (channels.error.hasSubscribers) channels.error.publish({ code: error.code, error, operation: 'telemetry' });
}
