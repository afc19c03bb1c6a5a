/** What waits for one computation: when each caller came, and how many joined whose saving only the end of it tells. */
export interface Flight {
  /** when the computation began */
  readonly beganAt: number;
  /** of the caller who computes, then of those who joined */
  readonly startedAt: number[];
  joined: number;
}

/** Computations under way, so that callers who wait for one are counted with the time they really waited. */
export interface Flights {
  /** A caller found nothing stored and computes: what was known of this key before ended without a word. */
  missed(namespace: string, key: string, beganAt: number, startedAt: number): void;
  /** A caller joined and waits; false when no computation of that key is known here. */
  joined(namespace: string, key: string, startedAt: number): boolean;
  /** The computation ended. */
  landed(namespace: string, key: string): Flight | undefined;
}

/** Flights that never end (a read that nobody followed up, a computation that threw) make room for new ones. */
const MAX_FLIGHTS = 4_096;
const MAX_WAITING = 65_536;

export function createFlights(): Flights {
  const flights = new Map<string, Flight>();
  let waiting = 0;

  const nameOf = (namespace: string, key: string): string => `${namespace}\n${key}`;
  const take = (name: string): Flight | undefined => {
    const flight = flights.get(name);
    if (flight === undefined) return undefined;
    flights.delete(name);
    waiting -= flight.startedAt.length;
    return flight;
  };

  return {
    missed(namespace, key, beganAt, startedAt) {
      const name = nameOf(namespace, key);
      take(name);
      const [oldest] = flights.size >= MAX_FLIGHTS ? flights.keys() : [];
      if (oldest !== undefined) take(oldest);
      flights.set(name, { beganAt, startedAt: [startedAt], joined: 0 });
      waiting++;
    },
    joined(namespace, key, startedAt) {
      const flight = flights.get(nameOf(namespace, key));
      if (flight === undefined) return false;
      flight.joined++;
      if (waiting < MAX_WAITING) {
        flight.startedAt.push(startedAt);
        waiting++;
      }
      return true;
    },
    landed: (namespace, key) => take(nameOf(namespace, key)),
  };
}
