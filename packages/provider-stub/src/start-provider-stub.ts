import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { supportAgent } from './default-answerer.ts';
import { createFaultQueue, type Fault } from './faults.ts';
import { handleRequest, type StubState } from './handle-request.ts';
import { createPromptCache } from './prompt-cache.ts';
import type { Answerer, StubAnswer } from './provider-api.ts';
import { createRequestLog, type LoggedRequest, type StubTotals } from './request-log.ts';

/** Options of {@link startProviderStub}. */
export interface ProviderStubOptions {
  /**
   * Port on 127.0.0.1; 0 takes a free one.
   * @default 0
   */
  readonly port?: number;
  /**
   * What the models answer.
   * @default `supportAgent`: deterministic, calls the most fitting tool first
   */
  readonly answerer?: Answerer;
  /**
   * Time to the first byte of every answer.
   * @default 0
   */
  readonly latencyMs?: number;
  /**
   * Speed of streams; 0 is as fast as they can.
   * @default 0
   */
  readonly tokensPerSecond?: number;
  /**
   * Writes exactly so many bytes at a time, which cuts frames and characters apart; 0 writes whole frames.
   * @default 0
   */
  readonly cutEveryBytes?: number;
  /** API keys that are accepted; any key but an empty one by default. */
  readonly keys?: readonly string[];
  /**
   * Clock of the prompt cache, of `created` and of the log, in milliseconds. Latency and pace are always real time.
   * @default Date.now
   */
  readonly now?: () => number;
}

/** A running stand-in for the providers. */
export interface ProviderStub extends AsyncDisposable {
  readonly url: string;
  /** `baseURL` for the OpenAI client, with `/v1`. */
  readonly openaiUrl: string;
  /** `baseURL` for the Anthropic client. */
  readonly anthropicUrl: string;
  /** `httpOptions.baseUrl` for the Google client. */
  readonly geminiUrl: string;
  /** Every request since the start or `reset()`, in order of arrival. */
  readonly requests: readonly LoggedRequest[];
  /** Requests per endpoint: a model API by its name, `models`, `count-tokens`, `echo`, `unknown`. */
  counts(): Readonly<Record<string, number>>;
  /** Tokens and exact dollars of the model calls, or of those that `where` picks. */
  totals(where?: (entry: LoggedRequest) => boolean): StubTotals;
  /** The most model calls that were under way at once. */
  peakConcurrency(): number;
  /** Makes something go wrong for the next request, or the next ones. @throws TypeError unless `times` is positive */
  fault(fault: Fault): void;
  /** Answers for the next requests, one each, in order; after them the answerer speaks again. */
  script(answers: readonly (StubAnswer | Answerer)[]): void;
  /** Forgets requests, faults, scripts and the prompt cache. */
  reset(): void;
  /** Stops listening and ends every connection, hanging ones included. */
  close(): Promise<void>;
}

function refuseNegative(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value >= 0)) throw new TypeError(`startProviderStub({ ${name} }) must be 0 or more, got ${value}`);
  }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/**
 * Starts a server on 127.0.0.1 that speaks OpenAI chat completions, responses and embeddings, Anthropic messages, and
 * Gemini generateContent as their SDKs expect.
 *
 * @throws TypeError for a negative latency, speed or cut
 */
export async function startProviderStub(options: ProviderStubOptions = {}): Promise<ProviderStub> {
  const { port = 0, answerer = supportAgent, latencyMs = 0, tokensPerSecond = 0, cutEveryBytes = 0 } = options;
  const { keys, now = Date.now } = options;
  refuseNegative({ latencyMs, tokensPerSecond, cutEveryBytes });
  let script: (StubAnswer | Answerer)[] = [];
  let sequence = 0;
  let isClosing = false;
  const state: StubState = {
    log: createRequestLog(),
    faults: createFaultQueue(),
    promptCache: createPromptCache({ now }),
    pacing: { tokensPerSecond, cutEveryBytes },
    latencyMs,
    keys,
    now,
    isClosing: () => isClosing,
    nextAnswerer: () => {
      const scripted = script.shift();
      if (scripted === undefined) return answerer;
      return typeof scripted === 'function' ? scripted : () => scripted;
    },
    nextSequence: () => {
      sequence += 1;
      return sequence;
    },
  };
  const server = createServer((request, response) => {
    // A client that goes away while its body is being read rejects here; there is nobody left to tell.
    handleRequest(state, request, response).catch(() => response.destroy());
  });
  // A cached connection that the server ends first shows up in clients as a random reset.
  server.keepAliveTimeout = 0;
  const url = await listen(server, port);
  const close = async (): Promise<void> => {
    isClosing = true;
    await stop(server);
  };
  return {
    url,
    openaiUrl: `${url}/v1`,
    anthropicUrl: url,
    geminiUrl: url,
    requests: state.log.entries,
    counts: state.log.counts,
    totals: state.log.totals,
    peakConcurrency: state.log.peakConcurrency,
    fault: state.faults.add,
    script: (answers) => {
      script = [...script, ...answers];
    },
    reset: () => {
      script = [];
      state.log.clear();
      state.faults.clear();
      state.promptCache.clear();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
