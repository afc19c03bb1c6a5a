import type { PriceList } from '@agent-cache/cost-table';
import { priced } from './answer.ts';
import type { Budget } from './budget.ts';
import { ReplayError } from './errors.ts';
import { createFaults, type Faults, faultResponse } from './fault.ts';
import { removeFixture, writeFixture } from './fixture-file.ts';
import { type Exchange, type Fixture, formatVersion, type ToolRecord } from './fixture-format.ts';
import { fixtureText } from './fixture-text.ts';
import type { LiveRequest } from './live-request.ts';
import { matchKey } from './match-key.ts';
import { playExchange } from './play-exchange.ts';
import { type RecordedCall, recordExchange } from './record-exchange.ts';
import type { Redactor } from './redact.ts';
import { totalsOf } from './totals.ts';
import { transcriptOf } from './transcript.ts';

/** Makes real calls and writes them down. */
export interface Recorder {
  /** @throws ReplayError `ERR_REPLAY_BUDGET` */
  call(live: LiveRequest): Promise<Response>;
  readonly faults: Faults;
  /** what has been recorded so far. @throws ReplayError `ERR_REPLAY_SECRET` */
  exchanges(): Exchange[];
  /** @throws ReplayError `ERR_REPLAY_SECRET` */
  save(tools: readonly ToolRecord[]): Promise<void>;
}

export interface RecorderOptions {
  readonly file: string;
  readonly test: string | undefined;
  readonly upstream: typeof fetch;
  readonly redactor: Redactor;
  readonly prices: PriceList | undefined;
  readonly budget: Budget | undefined;
  readonly now: () => number;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { file, test, upstream, redactor, prices, budget, now } = options;
  const calls: RecordedCall[] = [];
  const faults = createFaults();
  // Steps that were recorded while a fault was waiting for them, until an attempt gets through.
  const held = new Map<string, number>();
  const sealed = (index: number): Exchange =>
    priced((calls[index] as RecordedCall).open.seal(redactor, index + 1), prices, now());
  const start = (live: LiveRequest): RecordedCall => {
    budget?.check();
    const index = calls.length;
    const call = recordExchange(live, upstream, () => performance.now());
    calls.push(call);
    if (budget) void call.settled.then(() => spend(budget, sealed, index));
    return call;
  };

  async function callWithFault(live: LiveRequest, key: string): Promise<Response> {
    const index = held.get(key) ?? calls.length;
    if (!held.has(key)) {
      held.set(key, index);
      const response = await start(live).response;
      await response.arrayBuffer().catch(() => undefined);
    }
    const fault = faults.take(index);
    if (fault && 'status' in fault) return faultResponse(fault.status, fault.message);
    if (!fault) held.delete(key);
    return playExchange(sealed(index), {
      timing: 'instant',
      chunking: 'recorded',
      signal: live.signal,
      cutAfterEvents: fault?.cutAfterEvents,
      onOverrun: () => new Error('the recorded answer ends here'),
    });
  }

  const exchanges = (): Exchange[] => calls.map((_, index) => sealed(index));
  return {
    faults,
    exchanges,
    call(live) {
      const key = matchKey(live.recorded, []);
      if (held.has(key) || faults.awaits(calls.length)) return callWithFault(live, key);
      return start(live).response;
    },
    async save(tools) {
      if (calls.length === 0) return removeFixture(file);
      const done = exchanges();
      const fixture: Fixture = {
        fixture: formatVersion,
        ...(test !== undefined && { test }),
        recordedAt: new Date(now()).toISOString().slice(0, 10),
        totals: totalsOf(done),
        transcript: transcriptOf(done, tools),
        exchanges: done,
        ...(tools.length > 0 && { tools }),
      };
      refuseSecrets(fixture, redactor, file);
      await writeFixture(file, fixture);
    },
  };
}

/** An answer that cannot be sealed cannot be priced either; saving will say why. */
function spend(budget: Budget, sealed: (index: number) => Exchange, index: number): void {
  try {
    const { usage, costUsd, response } = sealed(index);
    const isFree = !usage && (!response || response.status >= 400);
    budget.spend(isFree ? 0 : costUsd);
  } catch {
    budget.spend(undefined);
  }
}

/** The last look at what is about to be written: whatever was not taken out before keeps all of it from the disk. */
function refuseSecrets(fixture: Fixture, redactor: Redactor, file: string): void {
  const exchanges = fixture.exchanges.map(({ response, ...exchange }) => {
    const { base64: _bytes, ...shown } = response ?? { base64: undefined };
    return { ...exchange, response: shown };
  });
  // Only to be read as text: without the bytes, which are answered for where they were received, it is no exchange any more.
  if (!redactor.finds(fixtureText({ ...fixture, exchanges: exchanges as unknown as readonly Exchange[] }))) return;
  throw new ReplayError(
    'ERR_REPLAY_SECRET',
    `The recording holds a secret that cannot be taken out, so ${file} was not written. Keep the secret out of the conversation, or record ` +
      'with a dummy in its place.',
    { file },
  );
}
