/** One value per text, in order. */
export type AskAll<T> = (texts: readonly string[]) => Promise<readonly T[]>;

interface Waiting<T> {
  readonly texts: readonly string[];
  readonly resolve: (values: readonly T[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Gathers what is asked for until the end of a turn of the event loop, and asks for it in as few calls as `maxBatch` allows. */
export function createBatcher<T>(ask: AskAll<T>, maxBatch: number): AskAll<T> {
  let waiting: Waiting<T>[] = [];
  const flush = (): void => {
    const gathered = waiting;
    waiting = [];
    for (const batch of packed(gathered, maxBatch)) void answer(ask, batch, maxBatch);
  };
  return (texts) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ texts, resolve, reject });
    });
}

/** Requests are kept whole, so that a batch that fails concerns nobody who has nothing in it. */
function packed<T>(waiting: readonly Waiting<T>[], maxBatch: number): readonly (readonly Waiting<T>[])[] {
  const batches: Waiting<T>[][] = [];
  let room = 0;
  for (const one of waiting) {
    if (one.texts.length > room) {
      batches.push([]);
      room = maxBatch;
    }
    batches.at(-1)?.push(one);
    room -= one.texts.length;
  }
  return batches;
}

async function answer<T>(ask: AskAll<T>, batch: readonly Waiting<T>[], maxBatch: number): Promise<void> {
  const texts = [...new Set(batch.flatMap((one) => one.texts))];
  try {
    const slices = Array.from({ length: Math.ceil(texts.length / maxBatch) }, (_, at) =>
      texts.slice(at * maxBatch, (at + 1) * maxBatch),
    );
    const values = (await Promise.all(slices.map((slice) => ask(slice)))).flat();
    const byText = new Map(texts.map((text, at) => [text, values[at] as T]));
    for (const one of batch) one.resolve(one.texts.map((text) => byText.get(text) as T));
  } catch (error) {
    for (const one of batch) one.reject(error);
  }
}
