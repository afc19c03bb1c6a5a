import type { StubRequest } from './provider-api.ts';

interface FaultScope {
  /**
   * How many requests it befalls.
   * @default 1
   */
  readonly times?: number;
  /** Which requests it befalls; every request by default. */
  readonly when?: (request: StubRequest) => boolean;
}

/** Something that goes wrong, on demand. */
export type Fault = FaultScope &
  (
    | {
        /** An error status with the provider's error body, such as 429, 500, 503 or 529. */
        readonly kind: 'status';
        readonly status: number;
        readonly message?: string;
        /** Sent as `retry-after` (whole seconds, rounded up) and `retry-after-ms`. */
        readonly retryAfterMs?: number;
        readonly headers?: Readonly<Record<string, string>>;
      }
    | {
        /**
         * What goes wrong once the answer is on its way: `error-frame` sends the provider's error frame and ends (streams
         * only), `truncate` ends cleanly without the rest, `reset` resets the connection, `hang` falls silent until
         * `close()`.
         */
        readonly kind: 'error-frame' | 'truncate' | 'reset' | 'hang-midway';
        /**
         * Frames that still arrive; negative counts from the end, so that -1 withholds only the terminal frame. A plain
         * JSON answer is cut in the same proportion.
         * @default half of them
         */
        readonly afterFrames?: number;
      }
    | {
        /** The answer comes `delayMs` later than it would. */
        readonly kind: 'slow';
        readonly delayMs: number;
      }
    | {
        /**
         * `hang` never answers; it ends at `close()` or when the client gives up. `refuse` resets the connection before
         * any byte. `malformed` answers 200 with broken JSON, or a broken frame. `empty` answers 200 with no body.
         * `incomplete` ends the answer by the token limit (`response.incomplete` in the Responses API). `failed` is a
         * Responses answer whose status is `failed`; other APIs get their error frame or a 500.
         */
        readonly kind: 'hang' | 'refuse' | 'malformed' | 'empty' | 'incomplete' | 'failed';
      }
  );

/** Faults waiting for their requests. */
export interface FaultQueue {
  add(fault: Fault): void;
  /** The oldest fault that befalls this request; each time counts. */
  take(request: StubRequest): Fault | undefined;
  clear(): void;
}

/** An empty queue. */
export function createFaultQueue(): FaultQueue {
  let queue: { readonly fault: Fault; left: number }[] = [];
  const befalls = (fault: Fault, request: StubRequest): boolean =>
    (fault.kind !== 'error-frame' || request.stream) && (fault.when?.(request) ?? true);
  return {
    add: (fault) => {
      const times = fault.times ?? 1;
      if (!(times > 0)) throw new TypeError(`fault({ times }) must be positive, got ${times}`);
      queue.push({ fault, left: times });
    },
    take: (request) => {
      const found = queue.find(({ fault }) => befalls(fault, request));
      if (!found) return undefined;
      found.left -= 1;
      if (found.left <= 0) queue = queue.filter((waiting) => waiting !== found);
      return found.fault;
    },
    clear: () => {
      queue = [];
    },
  };
}
