import { expectTypeOf } from 'vitest';
import { createSingleFlight } from './index.ts';

const flight = createSingleFlight();

expectTypeOf(flight.run('key', () => 1)).toEqualTypeOf<Promise<number>>();
expectTypeOf(flight.run('key', async () => 'text')).toEqualTypeOf<Promise<string>>();
expectTypeOf(flight.run('key', ({ signal }) => signal)).toEqualTypeOf<Promise<AbortSignal>>();
expectTypeOf(flight.stream('key', () => new ReadableStream<Uint8Array>())).toEqualTypeOf<
  Promise<ReadableStream<Uint8Array>>
>();
expectTypeOf(flight.run<number>)
  .parameter(2)
  .toExtend<{ signal?: AbortSignal | undefined } | undefined>();
// @ts-expect-error a stream of strings is no stream of bytes
flight.stream('key', () => new ReadableStream<string>());
