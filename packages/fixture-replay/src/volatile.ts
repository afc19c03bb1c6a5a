import type { Normalizer } from '@agent-cache/core-key';

interface VolatileKind {
  readonly name: keyof typeof volatile;
  readonly pattern: RegExp;
}

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const ISO_DATE = /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?!\d)/g;
const EPOCH = /(?<!\d)1[5-9]\d{8}(?:\d{3})?(?!\d)/g;

/**
 * Normalizers for values that differ on every run. Each takes the places where it looks, as JSON Pointers in which `*` stands for any one
 * name or number (`/messages/*\/content`, and everything below); without places it looks everywhere. Opt-in: nothing is ignored by default.
 */
export const volatile: {
  /** UUIDs, in texts too */
  readonly uuid: (...places: readonly string[]) => Normalizer;
  /** days and moments as ISO 8601 writes them, in texts too */
  readonly isoDate: (...places: readonly string[]) => Normalizer;
  /** Unix times of 2017 to 2033, in seconds or milliseconds, as numbers or in texts */
  readonly epoch: (...places: readonly string[]) => Normalizer;
} = {
  uuid: (...places) => replacing(UUID, '[uuid]', places),
  isoDate: (...places) => replacing(ISO_DATE, '[date]', places),
  epoch: (...places) => replacing(EPOCH, '[epoch]', places),
};

const kinds: readonly VolatileKind[] = [
  { name: 'uuid', pattern: UUID },
  { name: 'isoDate', pattern: ISO_DATE },
  { name: 'epoch', pattern: EPOCH },
];

/** The kind of volatile value that is all in which two values differ; undefined when they differ in more. */
export function volatileKind(before: unknown, after: unknown): keyof typeof volatile | undefined {
  const texts = [before, after].map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const [left, right] = texts;
  if (left === undefined || right === undefined || left === right) return undefined;
  return kinds.find(({ pattern }) => left.replace(pattern, '') === right.replace(pattern, ''))?.name;
}

function replacing(pattern: RegExp, mark: string, places: readonly string[]): Normalizer {
  const wanted = places.map((place) => place.split('/').slice(1));
  const change = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(pattern, mark);
    if (typeof value === 'number' && String(value).replace(pattern, '') === '') return mark;
    return mapChildren(value, (child) => change(child));
  };
  const walk = (value: unknown, rests: readonly (readonly string[])[]): unknown => {
    if (rests.some((rest) => rest.length === 0)) return change(value);
    return mapChildren(value, (child, name) => {
      const below = rests.filter(([first]) => first === '*' || first === name).map((rest) => rest.slice(1));
      return below.length === 0 ? child : walk(child, below);
    });
  };
  return (value) => walk(value, wanted.length === 0 ? [[]] : wanted);
}

function mapChildren(value: unknown, map: (child: unknown, name: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((child, index) => map(child, String(index)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, map(child, name)]));
}
