import type { FlightEnd, FlightHooks } from './flight.ts';
import { Flight } from './flight.ts';
import type {
  JoinOptions,
  SingleFlight,
  SingleFlightOptions,
  SingleFlightStats,
  WorkContext,
} from './single-flight.ts';
import { StreamFlight } from './stream-flight.ts';

type Bytes = ReadableStream<Uint8Array>;

/** Makes a single flight: many callers, one piece of work per key at a time, in this process. */
export function createSingleFlight(options: SingleFlightOptions = {}): SingleFlight {
  const { maxStreamBytes } = options;
  if (maxStreamBytes !== undefined && !(Number.isSafeInteger(maxStreamBytes) && maxStreamBytes > 0)) {
    throw new TypeError(`createSingleFlight: \`maxStreamBytes\` must be a positive integer, not ${maxStreamBytes}.`);
  }
  return new KeyedFlights(maxStreamBytes);
}

class KeyedFlights implements SingleFlight {
  readonly #maxStreamBytes: number | undefined;
  readonly #values = new Map<string, Flight<unknown>>();
  readonly #streams = new Map<string, StreamFlight>();
  readonly #valueHooks: FlightHooks<unknown> = { ended: (flight, how) => this.#ended(this.#values, flight, how) };
  #started = 0;
  #joined = 0;
  #failed = 0;
  #abandoned = 0;
  #inFlight = 0;

  constructor(maxStreamBytes: number | undefined) {
    this.#maxStreamBytes = maxStreamBytes;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  stats(): SingleFlightStats {
    return {
      started: this.#started,
      joined: this.#joined,
      failed: this.#failed,
      abandoned: this.#abandoned,
      inFlight: this.#inFlight,
    };
  }

  run<T>(key: string, work: (context: WorkContext) => T | Promise<T>, options: JoinOptions = {}): Promise<T> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const running = this.#values.get(key);
    if (running !== undefined) {
      this.#joined++;
      return running.join(signal, same<T>);
    }
    const flight = new Flight<unknown>(key, this.#valueHooks);
    this.#began(this.#values, flight);
    const result = flight.join(signal, same<T>);
    flight.start(work);
    return result;
  }

  stream(
    key: string,
    open: (context: WorkContext) => Bytes | Promise<Bytes>,
    options: JoinOptions = {},
  ): Promise<Bytes> {
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    const running = this.#streams.get(key);
    if (running?.joinable) {
      this.#joined++;
      return running.join(options);
    }
    const flight = new StreamFlight(key, this.#maxStreamBytes, (ended, how) => this.#ended(this.#streams, ended, how));
    this.#began(this.#streams, flight);
    const result = flight.join(options);
    flight.start(open);
    return result;
  }

  #began<F extends { readonly key: string }>(flights: Map<string, F>, flight: F): void {
    flights.set(flight.key, flight);
    this.#started++;
    this.#inFlight++;
  }

  #ended<F extends { readonly key: string }>(flights: Map<string, F>, flight: F, how: FlightEnd): void {
    // A stream too long to be joined has made room for another of its key, which stays.
    if (flights.get(flight.key) === flight) flights.delete(flight.key);
    this.#inFlight--;
    if (how === 'failed') this.#failed++;
    if (how === 'abandoned') this.#abandoned++;
  }
}

/** That callers of one key agree on the type of its value is theirs to keep; a map cannot know. */
function same<T>(value: unknown): T {
  return value as T;
}
