import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeEvents, readEvents } from './event-stream.ts';
import { wireFormats } from './index.ts';
import { chatAnswer, generationAnswer, messageAnswer, responseAnswer } from './test-answers.ts';
import type { WireFormatName } from './wire-format.ts';

const formats: readonly (readonly [WireFormatName, fc.Arbitrary<object>])[] = [
  ['openai-chat', chatAnswer],
  ['openai-responses', responseAnswer],
  ['anthropic-messages', messageAnswer],
  ['gemini-generate', generationAnswer],
];

const request = { body: { stream: true, stream_options: { include_usage: true } } };

describe.each(formats)('%s', (name, answers) => {
  const format = wireFormats[name];
  const toStream = (answer: unknown): Uint8Array => format.toStream!(answer, request);
  const watched = (answer: unknown, cuts: readonly number[]): string => {
    const watcher = format.watch!();
    const stream = toStream(answer);
    const ends = [...cuts.map((cut) => cut % stream.length), stream.length].sort((a, b) => a - b);
    let start = 0;
    for (const end of ends) {
      watcher.push(stream.subarray(start, end));
      start = end;
    }
    return watcher.verdict();
  };

  test('an answer as a stream, put together again, is the answer', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        expect(format.toJson!(toStream(answer))).toEqual(answer);
      }),
    );
  });

  test('a stream, as an answer and a stream again, says the same', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const again = toStream(format.toJson!(toStream(answer)));
        expect(format.toJson!(again)).toEqual(answer);
      }),
      { numRuns: 30 },
    );
  });

  test('a stream has the verdict of its answer, however its bytes are cut', () => {
    fc.assert(
      fc.property(answers, fc.array(fc.nat()), (answer, cuts) => {
        expect(watched(answer, cuts)).toBe(format.verdictOf(answer));
      }),
    );
  });

  test('a stream without its last event is unfinished', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const events = readEvents(toStream(answer));
        const watcher = format.watch!();
        expect(watcher.push(encodeEvents(events.slice(0, -1)))).toBe(false);
        expect(watcher.verdict()).toBe('unfinished');
      }),
      { numRuns: 30 },
    );
  });

  test('a stream whose last byte is missing is unfinished', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const watcher = format.watch!();
        expect(watcher.push(toStream(answer).subarray(0, -1))).toBe(false);
        expect(watcher.verdict()).toBe('unfinished');
      }),
      { numRuns: 30 },
    );
  });
});
