import { randomUUID } from 'node:crypto';
import type { Candidate, Decision } from '../policy.ts';
import { BoundedMap } from './bounded-map.ts';

/** What a missed lookup knew, for when the fresh answer comes. */
export interface Miss {
  /** where the sequence of invalidations stood; undefined when the database was not reached */
  readonly sequence: number | undefined;
  readonly at: number;
  readonly candidates: readonly Candidate[];
  readonly decision: Decision | undefined;
}

/** A ticket as `learn` reads it. `miss` is missing when another process gave it, or too many came after it. */
export interface Ticket {
  /** undefined for a text that is no ticket of ours */
  readonly at: number | undefined;
  readonly sequence: number | undefined;
  readonly miss?: Miss | undefined;
}

/** Misses whose answers are still to come. The sequence is in the ticket itself, so it holds in any process. */
export class Tickets {
  readonly #open = new BoundedMap<string, Miss>(5_000);
  readonly #used = new BoundedMap<string, true>(5_000);

  give(miss: Miss): string {
    const ticket = `t1.${miss.at}.${miss.sequence ?? ''}.${randomUUID()}`;
    this.#open.set(ticket, miss);
    return ticket;
  }

  /** undefined for a ticket that was taken before; each teaches once */
  take(ticket: string): Ticket | undefined {
    if (this.#used.get(ticket)) return undefined;
    const miss = this.#open.get(ticket);
    this.#open.delete(ticket);
    this.#used.set(ticket, true);
    return { ...placeOf(ticket), miss };
  }
}

function placeOf(ticket: string): Ticket {
  const [, at, sequence] = /^t1\.(\d{1,15})\.(\d{0,15})\.[\w-]+$/.exec(ticket) ?? [];
  return {
    at: at === undefined ? undefined : Number(at),
    sequence: sequence === undefined || sequence === '' ? undefined : Number(sequence),
  };
}
