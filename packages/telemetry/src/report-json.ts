import { usdOf } from './format.ts';

/**
 * The same figures as plain JSON. A field `<name>PicoUsd` becomes a decimal string, with the rounded dollars beside it as `<name>Usd`;
 * unknown is `null` in both.
 */
export function reportToJson(figures: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(figures).flatMap(([name, value]) => jsonFields(name, value)));
}

function jsonFields(name: string, value: unknown): [string, unknown][] {
  if (name.endsWith('PicoUsd')) {
    const known = typeof value === 'bigint';
    return [
      [name, known ? String(value) : null],
      [name.replace('PicoUsd', 'Usd'), known ? usdOf(value) : null],
    ];
  }
  return [[name, jsonValue(value)]];
}

function jsonValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === 'object' && value !== null) return reportToJson(value);
  return value === undefined ? null : value;
}
