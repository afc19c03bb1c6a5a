/** Where bytes stood in a value: names and indexes from the outside in. */
type Step = string;
type Path = readonly Step[];

/** A value as text and bytes: what JSON can say, and beside it, untouched, what it cannot. */
export interface Body {
  readonly text: string;
  readonly sections: readonly Uint8Array[];
}

/** Separates the value from its byte arrays, so that they are stored as they are. `meta` goes into the same text: one parse reads both. */
export function bodyOf(meta: readonly unknown[], value: unknown): Body {
  const sections: Uint8Array[] = [];
  const paths: Path[] = [];
  const plain = withoutBytes(value, [], (bytes, path) => {
    sections.push(bytes);
    paths.push(path);
  });
  const described = paths.map((path, index) => [sections[index]?.byteLength, ...path]);
  const text = JSON.stringify(plain === undefined ? [...meta, described] : [...meta, described, plain]);
  return { text, sections };
}

/** The parts that `bodyOf` was given, `metaLength` of them before the value; `bytes` holds the sections one after the other. */
export function partsOf(
  text: string,
  bytes: Uint8Array,
  metaLength: number,
): { readonly meta: readonly unknown[]; readonly value: unknown } {
  const parts = JSON.parse(text) as unknown[];
  const described = parts[metaLength] as [number, ...Step[]][];
  let value = parts[metaLength + 1];
  let at = 0;
  for (const [length, ...path] of described) {
    if (at + length > bytes.byteLength) throw new RangeError('byte sections are missing');
    // A copy: what came from the socket shares its memory with other replies.
    value = placed(value, path, new Uint8Array(bytes.subarray(at, at + length)));
    at += length;
  }
  return { meta: parts, value };
}

function placed(value: unknown, path: Path, bytes: Uint8Array): unknown {
  const last = path.at(-1);
  if (last === undefined) return bytes;
  let holder = value as Record<Step, unknown>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<Step, unknown>;
  // Defined, not assigned: the name may be "__proto__".
  Object.defineProperty(holder, last, { value: bytes, writable: true, enumerable: true, configurable: true });
  return value;
}

/** The same value where it holds no bytes, else a copy with 0 in their place. `path` is where we are; it is changed while walking. */
function withoutBytes(value: unknown, path: Step[], found: (bytes: Uint8Array, path: Path) => void): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) {
    found(value, [...path]);
    return 0;
  }
  let copy: Map<Step, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[name];
    if (typeof item !== 'object' || item === null) continue;
    path.push(name);
    const plain = withoutBytes(item, path, found);
    path.pop();
    if (plain === item) continue;
    copy ??= new Map(Object.entries(value));
    copy.set(name, plain);
  }
  if (copy === undefined) return value;
  return Array.isArray(value) ? [...copy.values()] : Object.fromEntries(copy);
}
