import { ReentrantWorkError } from './errors.ts';
import type { FlightEnd } from './flight.ts';
import { Flight } from './flight.ts';
import { shareStream } from './shared-stream.ts';
import type { JoinOptions, SharedStream, WorkContext } from './single-flight.ts';

type Bytes = ReadableStream<Uint8Array>;

/** One stream under way: first being opened, with callers that wait for it, then shared among its followers. */
export class StreamFlight {
  readonly key: string;
  readonly #maxBytes: number | undefined;
  readonly #ended: (flight: StreamFlight, how: FlightEnd) => void;
  readonly #opening: Flight<Bytes>;
  #shared: SharedStream | undefined;

  constructor(key: string, maxBytes: number | undefined, ended: (flight: StreamFlight, how: FlightEnd) => void) {
    this.key = key;
    this.#maxBytes = maxBytes;
    this.#ended = ended;
    this.#opening = new Flight<Bytes>(key, {
      ended: (_opening, how) => {
        if (how !== 'done') this.#ended(this, how);
      },
      accept: (source) => {
        this.#shared = this.#share(source);
      },
      discard: (source) => {
        source.cancel(this.#opening.work.signal.reason).catch(() => undefined);
      },
    });
  }

  get joinable(): boolean {
    return this.#shared?.joinable ?? true;
  }

  start(open: (context: WorkContext) => Bytes | Promise<Bytes>): void {
    this.#opening.start(open);
  }

  join(options: JoinOptions): Promise<Bytes> {
    if (this.#shared === undefined) return this.#opening.join(options.signal, () => this.#follow(options));
    if (this.#opening.work.is(options.signal)) return Promise.reject(new ReentrantWorkError(this.key));
    return Promise.resolve(this.#follow(options));
  }

  #follow(options: JoinOptions): Bytes {
    return (this.#shared as SharedStream).follow(options);
  }

  #share(source: Bytes): SharedStream {
    return shareStream(source, {
      maxBytes: this.#maxBytes,
      onEnd: (how, error) => {
        this.#ended(this, how);
        if (how === 'abandoned') this.#opening.work.abort(error);
      },
    });
  }
}
