import { createSingleFlight } from '@agent-cache/single-flight';

/** A model that answers word by word, and counts how often it was asked. */
export function slowModel(words: readonly string[]) {
  let calls = 0;
  return {
    get calls(): number {
      return calls;
    },
    ask(): ReadableStream<Uint8Array> {
      calls++;
      let next = 0;
      return new ReadableStream({
        pull(controller) {
          const word = words[next++];
          if (word === undefined) controller.close();
          else controller.enqueue(new TextEncoder().encode(word));
        },
      });
    },
  };
}

/** Ten users ask the same at once; one of them loses patience. */
export async function askTogether(model: ReturnType<typeof slowModel>): Promise<PromiseSettledResult<string>[]> {
  const flight = createSingleFlight();
  const impatient = new AbortController();
  const answers = Array.from({ length: 10 }, async (_, user) => {
    const signal = user === 0 ? impatient.signal : undefined;
    const stream = await flight.stream('what is a cache?', () => model.ask(), { signal });
    return new Response(stream).text();
  });
  impatient.abort(new Error('user 0 went away'));
  return Promise.allSettled(answers);
}

if (import.meta.main) {
  const model = slowModel(['A cache ', 'remembers ', 'answers.']);
  for (const answer of await askTogether(model)) {
    console.log(answer.status === 'fulfilled' ? answer.value : `(${answer.reason.message})`);
  }
  console.log(`calls of the model: ${model.calls}`);
}
