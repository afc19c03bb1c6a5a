import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Frame } from './provider-api.ts';

/** How the bytes of an answer reach the client. */
export interface Pacing {
  /** Streams arrive at this speed; 0 is as fast as they can. */
  readonly tokensPerSecond: number;
  /** Every write carries this many bytes, wherever that cuts; 0 writes frame by frame. */
  readonly cutEveryBytes: number;
}

/** Waits, unless the signal ends it first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

async function write(response: ServerResponse, bytes: Buffer, gone: AbortSignal): Promise<void> {
  if (response.write(bytes) || gone.aborted) return;
  await once(response, 'drain', { signal: gone }).catch(() => undefined);
}

function* slices(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/**
 * Sends frames at the given pace until all are sent or the client is gone.
 *
 * @returns the output tokens that were sent
 */
export async function sendFrames(
  response: ServerResponse,
  frames: readonly Frame[],
  { tokensPerSecond, cutEveryBytes }: Pacing,
  gone: AbortSignal,
): Promise<number> {
  let sent = 0;
  let kept: Buffer = Buffer.alloc(0);
  for (const { text, tokens } of frames) {
    if (tokensPerSecond > 0) await pause((tokens / tokensPerSecond) * 1_000, gone);
    if (gone.aborted) return sent;
    sent += tokens;
    const bytes = Buffer.concat([kept, Buffer.from(text)]);
    const whole = cutEveryBytes > 0 ? bytes.length - (bytes.length % cutEveryBytes) : bytes.length;
    for (const slice of slices(bytes.subarray(0, whole), cutEveryBytes || whole || 1))
      await write(response, slice, gone);
    kept = bytes.subarray(whole);
  }
  if (kept.length > 0) await write(response, kept, gone);
  return sent;
}

/** Long enough for a client on this machine to read what was sent; a reset discards what it has not read. */
const READ_MS = 15;

/** Resets the connection after the client had a chance to read what was sent so far. */
export async function resetConnection(response: ServerResponse, gone: AbortSignal): Promise<void> {
  response.flushHeaders();
  await pause(READ_MS, gone);
  response.socket?.resetAndDestroy();
}
