import type { Container } from './value-path.ts';
import { isContainer } from './value-path.ts';

/**
 * A copy of the value with every string in it mapped (names of members are not values); the value itself when no string
 * changed. Keeps its own list of what is still to do, so any depth is fine, and a cycle is copied as a cycle: whoever makes
 * the key refuses it with its path.
 */
export function mapStrings(value: unknown, map: (text: string) => string): unknown {
  const copies = new Map<Container, unknown[] | Record<string, unknown>>();
  const pending: Container[] = [];
  let hasChanged = false;
  const copyOf = (original: unknown): unknown => {
    if (typeof original === 'string') {
      const mapped = map(original);
      hasChanged ||= mapped !== original;
      return mapped;
    }
    if (!isContainer(original)) return original;
    const known = copies.get(original);
    if (known !== undefined) return known;
    const copy = Array.isArray(original) ? [] : Object.create(null);
    copies.set(original, copy);
    pending.push(original);
    return copy;
  };
  const result = copyOf(value);
  for (let original = pending.pop(); original !== undefined; original = pending.pop()) {
    fill(copies.get(original) as unknown[] | Record<string, unknown>, original, copyOf);
  }
  return hasChanged ? result : value;
}

function fill(
  copy: unknown[] | Record<string, unknown>,
  original: Container,
  copyOf: (original: unknown) => unknown,
): void {
  if (Array.isArray(copy)) {
    for (const child of original as readonly unknown[]) copy.push(copyOf(child));
    return;
  }
  // The copy has no prototype, so a member called __proto__ is a member like any other.
  for (const [name, child] of Object.entries(original)) copy[name] = copyOf(child);
}
