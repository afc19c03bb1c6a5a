import { is, Param, Placeholder, SQL, StringChunk } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';

/** A statement whose text is put together once, given what goes where its placeholders are. */
export type Template = (values: Readonly<Record<string, unknown>>) => SQL;

/** drizzle's own prepared queries take no statements that are written out; putting a long one together takes a twentieth of a lookup. */
export function templateOf(statement: SQL): Template {
  const { sql: text, params } = new PgDialect().sqlToQuery(statement);
  const pieces = text.split(/\$\d+/).map((piece) => new StringChunk(piece));
  const names = params.map((param) => (is(param, Placeholder) ? param.name : undefined));
  return (values) => {
    const open = (place: number): Param[] =>
      place < names.length ? [new Param(names[place] === undefined ? params[place] : values[names[place]])] : [];
    return new SQL(pieces.flatMap((piece, place) => [piece, ...open(place)]));
  };
}
