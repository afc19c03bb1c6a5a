import type { WireFormat } from '@agent-cache/wire-formats';
import type { Plan } from './plan.ts';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/**
 * A live event stream as one caller asked for it. Streams are recorded with usage; for a caller who did not ask, whole frames go
 * through the format as they come, so each is at most one frame late.
 */
export function shownLive(
  format: WireFormat,
  body: ReadableStream<Uint8Array>,
  { delivery }: Pick<Plan, 'delivery'>,
): ReadableStream<Uint8Array> {
  const { showStream } = format;
  if (showStream === undefined) return body;
  let pending: Uint8Array = new Uint8Array(0);
  const show = (bytes: Uint8Array): Uint8Array => showStream(bytes, { body: delivery });
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>(
      {
        transform(chunk, controller) {
          const bytes = joined(pending, chunk);
          const end = endOfFrames(bytes);
          pending = bytes.subarray(end);
          const shown = end === 0 ? bytes.subarray(0, 0) : show(bytes.subarray(0, end));
          if (shown.byteLength > 0) controller.enqueue(shown);
        },
        // A cut-off last frame is handed on as it is: the client decides what it makes of it.
        flush(controller) {
          if (pending.byteLength > 0) controller.enqueue(pending);
        },
      },
      undefined,
      { highWaterMark: 0 },
    ),
  );
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.byteLength === 0) return second;
  const both = new Uint8Array(first.byteLength + second.byteLength);
  both.set(first);
  both.set(second, first.byteLength);
  return both;
}

/** One past the last blank line: everything before it is whole frames. Lines end in LF, CR LF or CR. */
function endOfFrames(bytes: Uint8Array): number {
  for (let at = bytes.byteLength - 1; at > 0; at--) {
    const last = bytes[at];
    if (last === LINE_FEED) {
      const before = bytes[at - 1] === RETURN ? at - 2 : at - 1;
      if (bytes[before] === LINE_FEED || bytes[before] === RETURN) return at + 1;
    } else if (last === RETURN && bytes[at - 1] === RETURN) return at + 1;
  }
  return 0;
}
