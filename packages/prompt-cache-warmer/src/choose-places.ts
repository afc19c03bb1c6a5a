/** Another request that may come: how many blocks it would share with this one, and how likely that is beside the others. */
export interface Future {
  readonly shared: number;
  readonly weight: number;
}

/** What decides where markers go; places count blocks, so place 3 is the end of the third block. */
export interface Placing {
  /** tokens of the prefix that ends at each place; index 0 is the empty prefix */
  readonly tokensAt: readonly number[];
  /** ascending */
  readonly candidates: readonly number[];
  readonly futures: readonly Future[];
  readonly atMost: number;
}

/**
 * The places, at most `atMost` of the candidates, that let future requests read the most tokens: each reads up to the last place that it
 * shares. Solved exactly, by how much is best with a given last place and a given number before it.
 */
export function choosePlaces({ tokensAt, candidates, futures, atMost }: Placing): number[] {
  /** weight of the futures that share at least so much */
  const reach = candidates.map((place) => sum(futures.filter(({ shared }) => shared >= place)));
  const gain = (from: number, to: number): number => {
    const before = from < 0 ? 0 : (tokensAt[candidates[from] ?? 0] ?? 0);
    return (reach[to] ?? 0) * ((tokensAt[candidates[to] ?? 0] ?? 0) - before);
  };
  let best = candidates.map((_, index) => ({ value: gain(-1, index), places: [index] }));
  let winner = best.reduce((a, b) => (b.value > a.value ? b : a), { value: 0, places: [] as number[] });
  for (let count = 1; count < atMost; count += 1) {
    const longer = candidates.map((_, index) => {
      let top = { value: 0, places: [] as number[] };
      for (let from = 0; from < index; from += 1) {
        const before = best[from];
        if (before === undefined || before.places.length < count) continue;
        const value = before.value + gain(from, index);
        if (value > top.value) top = { value, places: [...before.places, index] };
      }
      return top;
    });
    best = longer;
    for (const found of longer) if (found.value > winner.value) winner = found;
  }
  return winner.places.map((index) => candidates[index] ?? 0);
}

function sum(futures: readonly Future[]): number {
  return futures.reduce((total, { weight }) => total + weight, 0);
}
