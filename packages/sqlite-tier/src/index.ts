export { SqliteTierError, type SqliteTierErrorCode } from './errors.ts';
export type { SqliteTierOptions } from './options.ts';
export { type SqliteTier, sqliteTier } from './sqlite-tier.ts';
