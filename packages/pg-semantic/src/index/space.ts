import { hash } from 'node:crypto';

/** Where one question may look for answers: nothing is ever found across two of these. */
export interface Space {
  /** as the column has it */
  readonly tenant: string;
  /** digest of tenant and scope */
  readonly scopeHash: Uint8Array;
}

/** The space of a tenant's scope. */
export function spaceOf({ tenant, scope }: { readonly tenant: string; readonly scope: string }): Space {
  return { tenant: tenantColumn(tenant), scopeHash: digestOf(JSON.stringify([tenant, scope])) };
}

/** A tenant's name as Postgres can store it: NUL and lone surrogates are escaped, so that no two names become one. */
export function tenantColumn(tenant: string): string {
  return tenant.replace(/[%\0\p{Surrogate}]/gu, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The name that was stored so. */
export function nameOfColumn(column: string): string {
  return column.replace(/%([0-9a-f]{4})/g, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)));
}

/** Identity of a wording: its very characters. */
export function promptHashOf(text: string): Uint8Array {
  return digestOf(text);
}

/**
 * Identity of a wording as a ban sees it: what was wrong for "Who is it?" is wrong for "who is it". Text without any letter or digit is
 * taken as it is.
 */
export function wordsHashOf(text: string): Uint8Array {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+/gu);
  return digestOf(words === null ? text : words.join(' '));
}

function digestOf(text: string): Uint8Array {
  return new Uint8Array(hash('sha256', text, 'buffer'));
}
