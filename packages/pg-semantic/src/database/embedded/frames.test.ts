import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameReader, toFrame } from './frames.ts';

const messages = fc.array(
  fc.oneof(fc.string(), fc.integer(), fc.uint8Array(), fc.dictionary(fc.string(), fc.bigInt()), fc.constant(undefined)),
  { maxLength: 6 },
);

test('messages come out whole and in order, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(toFrame));
      const received: unknown[] = [];
      const read = frameReader((message) => received.push(message));
      for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
        const length = cuts[cut % cuts.length] ?? 1;
        read(bytes.subarray(at, at + length));
        at += length;
      }
      expect(received).toEqual(sent);
    }),
  );
});

test('what is no frame of ours is refused', () => {
  const read = frameReader(() => undefined);
  expect(() => read(Buffer.from('GET / HTTP/1.1'))).toThrow(RangeError);
});
