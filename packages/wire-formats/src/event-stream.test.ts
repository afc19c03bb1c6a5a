import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEventStreamReader, encodeEvents, readEvents, type StreamEvent } from './event-stream.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function readInPieces(stream: Uint8Array, cuts: readonly number[]): StreamEvent[] {
  const reader = createEventStreamReader();
  const ends = [...cuts, stream.length].map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b);
  let start = 0;
  return ends.flatMap((end) => {
    const piece = stream.subarray(start, end);
    start = end;
    return [...reader.push(piece)];
  });
}

const line = fc.oneof(
  fc.constantFrom(
    '',
    '',
    'data',
    'data:',
    'data: ',
    'event: x',
    'event',
    ': a comment',
    'id: 7',
    'retry: 10',
    'data:  two',
  ),
  fc.string({ unit: 'grapheme' }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
);
const streamText = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')))
  .map((lines) => lines.map((parts) => parts.join('')).join(''));

describe('reading an event stream', () => {
  test('gives the same events however the bytes are cut', () => {
    fc.assert(
      fc.property(streamText, fc.array(fc.nat()), (text, cuts) => {
        const stream = bytes(text);
        expect(readInPieces(stream, cuts)).toEqual(readEvents(stream));
        expect(readInPieces(stream, [...stream.keys()])).toEqual(readEvents(stream));
      }),
    );
  });

  test('gives the same events whichever line ends are used', () => {
    const text = 'event: a\ndata: 1\ndata: 2\n\n: comment\ndata: 3\n\n';
    for (const end of ['\n', '\r', '\r\n']) {
      expect(readEvents(bytes(text.replaceAll('\n', end)))).toEqual([{ event: 'a', data: '1\n2' }, { data: '3' }]);
    }
  });

  test('drops a byte order mark, one leading space, comments, and events without data', () => {
    expect(readEvents(bytes('\uFEFFdata:  x\n\nevent: empty\n\n:only a comment\n\ndata\n\n'))).toEqual([
      { data: ' x' },
      { data: '' },
    ]);
  });

  test('never gives an event whose blank line has not come', () => {
    expect(readEvents(bytes('data: whole\n\ndata: cut\n'))).toEqual([{ data: 'whole' }]);
  });

  test('gives back what the encoder wrote', () => {
    const events = fc.array(
      fc.record(
        {
          event: fc.stringMatching(/^[a-z._]+$/),
          data: fc.string({ unit: 'grapheme' }).map((t) => t.replaceAll('\r', '')),
        },
        { requiredKeys: ['data'] },
      ),
    );
    fc.assert(
      fc.property(events, (list) => {
        expect(readEvents(encodeEvents(list))).toEqual(list);
      }),
    );
  });
});
