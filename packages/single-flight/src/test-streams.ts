/** A source the test drives by hand: what was read, whether it was cancelled and why. */
export interface ManualSource {
  readonly stream: ReadableStream<Uint8Array>;
  push(...chunks: (string | Uint8Array)[]): void;
  end(): void;
  fail(error: unknown): void;
  /** how often the stream asked for more */
  readonly pulls: number;
  readonly cancelled: { readonly reason: unknown } | undefined;
}

export function manualSource(): ManualSource {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let pulls = 0;
  let cancelled: { reason: unknown } | undefined;
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      pull: () => {
        pulls++;
      },
      cancel: (reason) => {
        cancelled = { reason };
      },
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    push: (...chunks) => {
      for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    },
    end: () => controller.close(),
    fail: (error) => controller.error(error),
    get pulls() {
      return pulls;
    },
    get cancelled() {
      return cancelled;
    },
  };
}

/** A source that gives these chunks one by one as they are asked for. */
export function sourceOf(chunks: readonly string[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = chunks[next++];
        if (chunk === undefined) controller.close();
        else controller.enqueue(Buffer.from(chunk));
      },
    },
    { highWaterMark: 0 },
  );
}

/** Everything a stream gives, chunk by chunk. */
export async function chunksOf(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk).toString('latin1'));
  return chunks;
}

/** Lets everything run that is ready to run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
