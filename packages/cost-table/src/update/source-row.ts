import type { Price } from '../price.ts';

/** One of the tables the price table is made of. */
export interface Source {
  /** shown as the source of every price read from it */
  readonly name: string;
  readonly asOf: string;
  /** the file's name and SHA-256 */
  readonly file: string;
  readonly sha256: string;
  /** rows with a price; `names` are what `priceOf` must answer to */
  readonly rows: readonly SourceRow[];
}

/** A model of one source. */
export interface SourceRow {
  readonly provider: string;
  readonly id: string;
  /** further names the source gives the same model */
  readonly aliases: readonly string[];
  /** by ascending `from` */
  readonly prices: readonly Price[];
  /** the name as the source writes it, which finds the row without saying the provider; only where the source has such names */
  readonly bareName?: string;
  /** the source says nothing about prompts longer than this */
  readonly contextWindow?: number;
  /** chat, embedding, …; undefined where the source does not say */
  readonly mode?: string;
}
