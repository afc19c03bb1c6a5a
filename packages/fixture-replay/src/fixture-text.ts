import { type BodyDelta, deltaOf, type PreparedBody, prepareBody } from './body-delta.ts';
import type { Exchange, Fixture, RecordedRequest } from './fixture-format.ts';
import { isObject } from './json-value.ts';

/** A request as the file has it: its body whole, or told by an earlier one. */
export interface StoredRequest extends Omit<RecordedRequest, 'body'> {
  readonly body?: unknown;
  readonly extends?: BodyDelta | undefined;
}

/** The text of a fixture file: fields in a fixed order, an event, a transcript line or a list of numbers on a line of its own. */
export function fixtureText(fixture: Fixture): string {
  const earlier: PreparedBody[] = [];
  const exchanges = fixture.exchanges.map((exchange, index) => storedExchange(exchange, index, earlier));
  return `${layOut({ ...fixture, exchanges }, '')}\n`;
}

function storedExchange(exchange: Exchange, index: number, earlier: PreparedBody[]): object {
  const { request, response, failure, usage, costUsd } = exchange;
  return { request: storedRequest(request, index, earlier), response, failure, usage, costUsd };
}

function storedRequest(request: RecordedRequest, index: number, earlier: PreparedBody[]): StoredRequest {
  const { body, ...rest } = request;
  if (!isObject(body)) return request;
  const prepared = prepareBody(index, `${request.method} ${request.url}`, body);
  const delta = deltaOf(prepared, earlier);
  earlier.push(prepared);
  return delta ? { ...rest, extends: delta } : request;
}

/** Lists of these stand on one line each: an event of a stream, network reads, a vector. */
function isFlat(value: readonly unknown[]): boolean {
  if (value.every((item) => typeof item === 'number')) return true;
  return typeof value[0] === 'number' && value.every((item) => typeof item === 'number' || typeof item === 'string');
}

function layOut(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (isFlat(value)) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    return `[\n${value.map((item) => inner + layOut(item, inner)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  if (entries.length === 0) return '{}';
  const fields = entries.map(([name, field]) => `${inner}${JSON.stringify(name)}: ${layOut(field, inner)}`);
  return `{\n${fields.join(',\n')}\n${indent}}`;
}
