import { is, Placeholder, SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';

/** A statement whose text is put together once, given what goes where its placeholders are. */
export type Template = (values: Readonly<Record<string, unknown>>) => Written;

/**
 * drizzle's own prepared queries take no statements that are written out, and putting a long one together takes a twentieth of a lookup. A
 * placeholder that occurs many times is one parameter.
 */
export function templateOf(statement: SQL): Template {
  const { sql: text, params } = new PgDialect().sqlToQuery(statement);
  const slots: unknown[] = [];
  const slotOf = (param: unknown): number => {
    const same = (slot: unknown) => is(slot, Placeholder) && is(param, Placeholder) && slot.name === param.name;
    const place = slots.findIndex(same);
    return place < 0 ? slots.push(param) : place + 1;
  };
  const written = text.replace(/\$(\d+)/g, (_, number) => `$${slotOf(params[Number(number) - 1])}`);
  const names = slots.map((slot) => (is(slot, Placeholder) ? slot.name : undefined));
  return (values) =>
    new Written(
      written,
      names.map((name, place) => (name === undefined ? slots[place] : values[name])),
    );
}

/** A statement as the server gets it. It stands for itself: as a part of another one it fails. */
export class Written extends SQL {
  readonly #text: string;
  readonly #values: unknown[];

  constructor(text: string, values: unknown[]) {
    super([new Placeholder('a written statement is no part of another one')]);
    this.#text = text;
    this.#values = values;
  }

  override toQuery(): { sql: string; params: unknown[] } {
    return { sql: this.#text, params: this.#values };
  }
}
