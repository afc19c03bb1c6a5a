import { randomBytes } from 'node:crypto';
import { channels, type Entry } from '@agent-cache/core-tier';
import { SqliteTierError } from './errors.ts';
import type { TierSettings } from './options.ts';
import type { OperationName, Operations } from './protocol.ts';
import { fromBytes } from './value-codec.ts';
import { acquireClient, type Caller, type Pending, releaseClient, type WorkerClient } from './worker-client.ts';

/** One tier's way to the worker it may share with others. */
export class TierLink {
  readonly settings: TierSettings;
  readonly client: WorkerClient;
  readonly caller: Caller;
  #closed: Promise<void> | undefined;

  constructor(settings: TierSettings) {
    this.settings = settings;
    this.caller = { source: randomBytes(6).toString('base64url'), now: settings.now };
    this.client = acquireClient({ file: settings.file, maxBytes: settings.maxBytes });
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** @throws SqliteTierError with ERR_SQLITE_TIER_CLOSED */
  start<Name extends OperationName>(
    name: Name,
    args: Operations[Name]['args'],
    bytes?: number,
  ): Pending<Operations[Name]['result']> {
    const { file } = this.settings;
    if (this.isClosed) {
      const message = `the tier on ${file} was closed; create another with sqliteTier()`;
      throw new SqliteTierError('ERR_SQLITE_TIER_CLOSED', message, file);
    }
    return this.client.call(name, args, this.caller, bytes);
  }

  async call<Name extends OperationName>(
    name: Name,
    args: Operations[Name]['args'],
    bytes?: number,
  ): Promise<Operations[Name]['result']> {
    return this.start(name, args, bytes).result;
  }

  /** An entry from its bytes; one that cannot be read is reported and counts as missing. */
  entryOf(data: Uint8Array | undefined, key: string): Entry | undefined {
    if (data === undefined) return undefined;
    try {
      return fromBytes(data, this.settings.file) as Entry;
    } catch (error) {
      this.report(error as SqliteTierError, key);
      return undefined;
    }
  }

  report(error: SqliteTierError, key?: string): void {
    if (!channels.error.hasSubscribers) return;
    channels.error.publish({ code: error.code, error, tier: this.settings.name, key });
  }

  /** Everything asked for before is done when this resolves. */
  close(): Promise<void> {
    this.#closed ??= releaseClient(this.client, this.caller);
    return this.#closed;
  }
}
