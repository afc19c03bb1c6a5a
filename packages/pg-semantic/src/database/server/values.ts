import type { PostgresType } from 'postgres';

/** How postgres.js reads and writes values, so that a server hands out the same as the embedded Postgres. */
export const valueTypes: Record<string, PostgresType> = {
  bigint: { to: 20, from: [20], serialize: String, parse: integerOf },
  bytea: { to: 17, from: [17], serialize: hexOf, parse: bytesOf },
  json: { to: 114, from: [114, 3802], serialize: jsonOf, parse: JSON.parse },
  // As text.
  date: { to: 1184, from: [1082, 1114, 1184], serialize: String, parse: String },
};

function integerOf(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function hexOf(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString('hex')}`;
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'));
}

function jsonOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
