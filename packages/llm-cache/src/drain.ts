/** Reads a stream for its effects, until it ends, fails, or the function it returns is called. */
export function drain(stream: ReadableStream<Uint8Array>): () => void {
  const reader = stream.getReader();
  const read = (): Promise<void> => reader.read().then(({ done }) => (done ? undefined : read()));
  // Whoever waits for what the stream brings hears of its failure elsewhere.
  read().catch(() => undefined);
  return () => void reader.cancel().catch(() => undefined);
}
