import type { Normalizer } from './normalizer.ts';
import type { ValuePath } from './value-path.ts';
import { isContainer, parsePath, pathsThrough, rebuild } from './value-path.ts';

/**
 * A normalizer that keeps only these places, for keys that shall depend on nothing else. Paths are written
 * `model`, `messages[0].content`, `tools[*].name`, or as a JSON Pointer. Where a path meets something it cannot walk into
 * (a string, a number, bytes), that is kept whole.
 *
 * @throws TypeError when a path cannot be read.
 */
export function pick(...paths: readonly string[]): Normalizer {
  const wanted = paths.map(parsePath);
  return (value) => keep(value, wanted);
}

/**
 * A normalizer that leaves these places out, so that they no longer count: paths as for `pick`. An element left out of an
 * array moves up the ones behind it.
 *
 * @throws TypeError when a path cannot be read.
 */
export function omit(...paths: readonly string[]): Normalizer {
  const unwanted = paths.map(parsePath);
  return (value) => drop(value, unwanted);
}

// Both go no deeper than the longest path, so no depth of the value can exhaust the call stack.

function keep(value: unknown, paths: readonly ValuePath[]): unknown {
  if (!isContainer(value)) return value;
  return rebuild(value, (child, name) => {
    const rests = pathsThrough(paths, name);
    if (rests.length === 0) return undefined;
    return { child: endsHere(rests) ? child : keep(child, rests) };
  });
}

function drop(value: unknown, paths: readonly ValuePath[]): unknown {
  if (!isContainer(value)) return value;
  return rebuild(value, (child, name) => {
    const rests = pathsThrough(paths, name);
    if (endsHere(rests)) return undefined;
    return { child: rests.length === 0 ? child : drop(child, rests) };
  });
}

function endsHere(rests: readonly ValuePath[]): boolean {
  return rests.some((rest) => rest.length === 0);
}
