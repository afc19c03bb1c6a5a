import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinEmbeddingAnswers, splitEmbeddingAnswer, splitEmbeddingInputs, wireFormats } from './index.ts';
import { chatAnswer, generationAnswer, messageAnswer, responseAnswer } from './test-answers.ts';
import { requestOf } from './test-requests.ts';

const anyAnswer = fc.oneof(fc.jsonValue(), chatAnswer, responseAnswer, messageAnswer, generationAnswer);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(Object.values(wireFormats))('$name never throws', (format) => {
  test('on a body of any shape', () => {
    fc.assert(
      fc.property(anyAnswer, (body) => {
        const request = { ...requestOf(format.name), body };
        format.identity(request);
        format.bypass(request);
        format.isStream(request);
        format.questionOf(body);
        format.upstreamBody(request);
      }),
    );
  });

  test("on an answer of any shape, another API's among them", () => {
    fc.assert(
      fc.property(anyAnswer, fc.jsonValue(), (answer, body) => {
        format.verdictOf(answer, body);
        format.isComplete(answer);
        format.usageOf(answer);
        const stream = format.toStream?.(answer, { body });
        if (stream !== undefined) format.toJson?.(stream);
      }),
    );
  });

  test('on bytes of any kind, and calls none of them complete', () => {
    const frame = fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => `data: ${JSON.stringify(value)}\n\n`),
      fc.constantFrom(
        'data: [DONE]\n\n',
        'event: message_stop\ndata: {}\n\n',
        'event: response.completed\ndata: {}\n\n',
      ),
    );
    fc.assert(
      fc.property(fc.array(frame), (frames) => {
        const stream = bytes(frames.join(''));
        const watcher = format.watch?.();
        watcher?.push(stream);
        expect(watcher?.verdict()).not.toBe('complete');
        format.toJson?.(stream);
        format.showStream?.(stream, { body: {} });
      }),
    );
  });
});

test('embedding helpers never throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (answer, body) => {
      splitEmbeddingInputs(body);
      splitEmbeddingAnswer(answer, body);
      joinEmbeddingAnswers([answer, body]);
    }),
  );
});
