interface Named {
  readonly id: string;
  readonly aliases: readonly string[];
}

const MAX_NAMES = 5;

/** Names that resemble one nobody knows: suggestions for the eye, never a price. */
export function nearNames(name: string, models: Iterable<Named>): readonly string[] {
  const wanted = name.toLowerCase();
  const bare = wanted.slice(wanted.lastIndexOf('/') + 1);
  const limit = Math.max(2, Math.floor(bare.length / 3));
  const distances = new Map<string, number>();
  for (const { id, aliases } of models)
    for (const known of [id, ...aliases]) {
      if (distances.has(known) || Math.abs(known.length - bare.length) > limit) continue;
      const distance = editDistance(bare, known.toLowerCase());
      if (distance <= limit) distances.set(known, distance);
    }
  const nearest = [...distances].sort(([a, near], [b, far]) => near - far || (a < b ? -1 : 1));
  return nearest.slice(0, MAX_NAMES).map(([known]) => known);
}

/** Levenshtein: how many characters must be put in, taken out or replaced. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
