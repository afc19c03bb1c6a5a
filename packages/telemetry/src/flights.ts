/** What waits for one computation: when each caller came, and how many joined without knowing yet what that saves. */
export interface Flight {
  readonly startedAt: number[];
  joined: number;
}

/** Computations under way, so that callers who wait for one are counted with the time they really waited. */
export interface Flights {
  /** a caller found nothing stored, and computes or lets compute */
  missed(namespace: string, key: string, startedAt: number): void;
  /** a caller joined; false when no computation of that key is known here */
  joined(namespace: string, key: string, startedAt: number, priced: boolean): boolean;
  /** the computation ended */
  landed(namespace: string, key: string): Flight | undefined;
}

/** Flights that never end (a computation that threw says nothing) make room for new ones. */
const MAX_FLIGHTS = 4_096;
const MAX_WAITING = 65_536;

export function createFlights(): Flights {
  const flights = new Map<string, Flight>();
  let waiting = 0;

  const nameOf = (namespace: string, key: string): string => `${namespace}\n${key}`;
  const wait = (flight: Flight, startedAt: number): void => {
    if (waiting >= MAX_WAITING) return;
    flight.startedAt.push(startedAt);
    waiting++;
  };
  const take = (name: string): Flight | undefined => {
    const flight = flights.get(name);
    if (flight === undefined) return undefined;
    flights.delete(name);
    waiting -= flight.startedAt.length;
    return flight;
  };

  return {
    missed(namespace, key, startedAt) {
      const name = nameOf(namespace, key);
      let flight = flights.get(name);
      if (flight === undefined) {
        const [oldest] = flights.size >= MAX_FLIGHTS ? flights.keys() : [];
        if (oldest !== undefined) take(oldest);
        flight = { startedAt: [], joined: 0 };
        flights.set(name, flight);
      }
      wait(flight, startedAt);
    },
    joined(namespace, key, startedAt, priced) {
      const flight = flights.get(nameOf(namespace, key));
      if (flight === undefined) return false;
      wait(flight, startedAt);
      if (!priced) flight.joined++;
      return true;
    },
    landed: (namespace, key) => take(nameOf(namespace, key)),
  };
}
