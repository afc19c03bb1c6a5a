/** What the packages invalidate by without the user tagging anything. */
export type ImplicitTagKind = 'model' | 'tenant' | 'tool' | 'namespace';

/**
 * The tag that stands for a model, tenant, tool or namespace, kept apart from users' tags by its leading `@`, which is reserved for
 * the packages. The namespace tag belongs to every entry without being stored in it: `clear()` bumps it.
 */
export function implicitTag(kind: ImplicitTagKind, value: string): string {
  return `@${kind}:${value}`;
}
