import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checkedPrice } from './check-price.ts';
import { InvalidPriceError, PriceFileError } from './errors.ts';
import { type LitellmRow, priceFromLitellm } from './litellm-prices.ts';
import type { Price, PriceList } from './price.ts';

export interface LoadPricesOptions {
  /** ends the wait for an address */
  readonly signal?: AbortSignal | undefined;
  /** what fetches an address @default the global fetch */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * Reads a price list from a file or an `http(s)` address, for the `prices` option. A file holds `{ "<model>": <Price or list of
 * Prices> }`, or LiteLLM's `model_prices_and_context_window.json` as it is. Nothing is ever loaded without this call.
 *
 * @throws PriceFileError naming the file, and the field when a price in it is wrong
 */
export async function loadPrices(file: string | URL, options: LoadPricesOptions = {}): Promise<PriceList> {
  const name = String(file);
  const content = parsed(name, await contentOf(name, options));
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new PriceFileError(name, 'it holds no object of prices by model name');
  }
  const prices: Record<string, Price | readonly Price[]> = {};
  const rows = Object.entries(content);
  const describesItself = rows.some(([, row]) => isLitellm(row));
  for (const [model, row] of rows) {
    if (describesItself && litellmNotes.has(model)) continue;
    const price = priceIn(name, model, row);
    if (price) prices[model] = price;
  }
  return prices;
}

async function contentOf(file: string, options: LoadPricesOptions): Promise<string> {
  try {
    if (!/^https?:/.test(file)) return await readFile(file.startsWith('file:') ? fileURLToPath(file) : file, 'utf8');
    const { fetch: get = fetch, signal } = options;
    const response = await get(file, signal ? { signal } : {});
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return await response.text();
  } catch (cause) {
    throw new PriceFileError(file, `${messageOf(cause)}. Check the path or address.`, { cause });
  }
}

function parsed(file: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new PriceFileError(file, `it is no JSON (${messageOf(cause)})`, { cause });
  }
}

function priceIn(file: string, model: string, row: unknown): Price | readonly Price[] | undefined {
  try {
    if (isLitellm(row)) return litellmPrice(row);
    return Array.isArray(row) ? datedPrices(row) : checkedPrice(row);
  } catch (cause) {
    if (!InvalidPriceError.isInstance(cause)) throw cause;
    const field = cause.field === '' ? model : `${model}.${cause.field}`;
    throw new PriceFileError(file, `${field}: ${cause.message}`, { field, cause });
  }
}

function datedPrices(rows: readonly unknown[]): readonly Price[] {
  const prices = rows.map(checkedPrice);
  prices.forEach((price, at) => {
    const before = prices[at - 1];
    if (before && (price.from ?? '') <= (before.from ?? '')) {
      throw new InvalidPriceError(`[${at}].from`, price.from, 'prices of one model must be listed by ascending date');
    }
  });
  return prices;
}

/** Entries of LiteLLM's file that are about the file and price nothing. */
const litellmNotes: ReadonlySet<string> = new Set(['sample_spec', 'fallback_generalizations']);

function isLitellm(row: unknown): row is LitellmRow {
  return typeof row === 'object' && row !== null && 'litellm_provider' in row;
}

/** Its zeros mean "not offered", and models without any price are left out. @throws InvalidPriceError for a figure that is no price */
function litellmPrice(row: LitellmRow): Price | undefined {
  for (const [field, value] of Object.entries(row)) {
    const isPrice = /(^|_)cost(_|$)/.test(field) && typeof value !== 'object';
    if (isPrice && !(typeof value === 'number' && Number.isFinite(value) && value >= 0)) {
      throw new InvalidPriceError(field, value, 'must be a number of dollars of at least 0');
    }
  }
  return priceFromLitellm(row);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
