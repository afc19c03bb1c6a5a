import fc from 'fast-check';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const word = fc.stringMatching(/^[a-z_]{1,12}$/);
const count = fc.nat(100_000);
// As JSON has it: without -0.
const json = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));

/** Fields that no release of any SDK knows. */
const unknownFields = fc.dictionary(fc.stringMatching(/^future_[a-z]{1,6}$/), json, { maxKeys: 2 });

function withUnknown<T extends object>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.tuple(arbitrary, unknownFields).map(([known, unknown]) => ({ ...unknown, ...known }));
}

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }, optional: (keyof T)[] = []): fc.Arbitrary<object> =>
  fc.record(model, { requiredKeys: (Object.keys(model) as (keyof T)[]).filter((key) => !optional.includes(key)) });

const logprob = record({
  token: text,
  bytes: fc.constant(null),
  logprob: fc.double({ noNaN: true, noDefaultInfinity: true, max: -0.001 }),
  top_logprobs: fc.constant([]),
});

const chatToolCall = fc.oneof(
  record({ id: word, type: fc.constant('function'), function: record({ name: word, arguments: text }) }),
  record({ id: word, type: fc.constant('custom'), custom: record({ name: word, input: text }) }),
);

const chatMessage = withUnknown(
  record(
    {
      role: fc.constant('assistant'),
      content: fc.option(text),
      refusal: fc.constant(null),
      annotations: fc.array(record({ type: fc.constant('url_citation'), url_citation: json }), { maxLength: 2 }),
      tool_calls: fc.array(chatToolCall, { maxLength: 3 }),
      reasoning_content: text,
      audio: record({ id: word, data: word, expires_at: count, transcript: text }),
    },
    ['annotations', 'tool_calls', 'reasoning_content', 'audio'],
  ),
);

export const chatAnswer: fc.Arbitrary<object> = fc
  .array(
    withUnknown(
      record({
        message: chatMessage,
        finish_reason: fc.constantFrom('stop', 'tool_calls', 'length'),
        logprobs: fc.oneof(
          fc.constant(null),
          record({ content: fc.array(logprob, { minLength: 1, maxLength: 2 }), refusal: fc.constant(null) }),
        ),
      }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .chain((choices) =>
    withUnknown(
      record(
        {
          id: word,
          object: fc.constant('chat.completion'),
          created: count,
          model: word,
          system_fingerprint: word,
          service_tier: fc.constant('default'),
          choices: fc.constant(choices.map((choice, index) => ({ ...choice, index }))),
          usage: record({
            prompt_tokens: count,
            completion_tokens: count,
            total_tokens: count,
            prompt_tokens_details: json,
          }),
        },
        ['system_fingerprint', 'service_tier', 'usage'],
      ),
    ),
  );

const outputText = withUnknown(
  record(
    {
      type: fc.constant('output_text'),
      text,
      annotations: fc.array(json, { maxLength: 2 }),
      logprobs: fc.array(json, { maxLength: 1 }),
    },
    ['logprobs'],
  ),
);
const outputItem = fc.oneof(
  withUnknown(
    record({
      id: word,
      type: fc.constant('message'),
      role: fc.constant('assistant'),
      status: fc.constant('completed'),
      content: fc.array(fc.oneof(outputText, record({ type: fc.constant('refusal'), refusal: text })), {
        maxLength: 3,
      }),
    }),
  ),
  withUnknown(
    record(
      {
        id: word,
        type: fc.constant('reasoning'),
        summary: fc.array(record({ type: fc.constant('summary_text'), text }), { maxLength: 2 }),
        content: fc.array(record({ type: fc.constant('reasoning_text'), text }), { maxLength: 2 }),
        encrypted_content: word,
      },
      ['content', 'encrypted_content'],
    ),
  ),
  withUnknown(
    record({
      id: word,
      type: fc.constant('function_call'),
      call_id: word,
      name: word,
      arguments: text,
      status: fc.constant('completed'),
    }),
  ),
  withUnknown(record({ id: word, type: fc.constant('custom_tool_call'), call_id: word, name: word, input: text })),
  withUnknown(
    record({
      id: word,
      type: fc.constantFrom('web_search_call', 'item_of_the_future'),
      status: fc.constant('completed'),
    }),
  ),
);

export const responseAnswer: fc.Arbitrary<object> = withUnknown(
  record(
    {
      id: word,
      object: fc.constant('response'),
      created_at: count,
      completed_at: count,
      status: fc.constant('completed'),
      error: fc.constant(null),
      incomplete_details: fc.constant(null),
      model: word,
      output: fc.array(outputItem, { maxLength: 4 }),
      usage: record({ input_tokens: count, input_tokens_details: json, output_tokens: count, total_tokens: count }),
      metadata: fc.constant({}),
    },
    ['completed_at', 'metadata'],
  ),
);

const toolInput = fc.dictionary(fc.string({ maxLength: 8 }), json, { maxKeys: 3 });
const block = fc.oneof(
  withUnknown(
    record({
      type: fc.constant('text'),
      text,
      citations: fc.option(
        fc.array(record({ type: fc.constant('char_location'), cited_text: text }), { minLength: 1, maxLength: 2 }),
      ),
    }),
  ),
  withUnknown(record({ type: fc.constant('thinking'), thinking: text, signature: word })),
  record({ type: fc.constant('redacted_thinking'), data: word }),
  withUnknown(
    record({
      type: fc.constantFrom('tool_use', 'server_tool_use', 'mcp_tool_use'),
      id: word,
      name: word,
      input: toolInput,
    }),
  ),
  record({ type: fc.constant('web_search_tool_result'), tool_use_id: word, content: fc.array(json, { maxLength: 2 }) }),
  withUnknown(record({ type: fc.constant('block_of_the_future'), content: json })),
);

export const messageAnswer: fc.Arbitrary<object> = withUnknown(
  record(
    {
      id: word,
      type: fc.constant('message'),
      role: fc.constant('assistant'),
      model: word,
      content: fc.array(block, { maxLength: 5 }),
      stop_reason: fc.constantFrom('end_turn', 'tool_use', 'stop_sequence', 'max_tokens'),
      stop_sequence: fc.option(word),
      stop_details: fc.constant(null),
      container: fc.constant(null),
      usage: withUnknown(
        record(
          {
            input_tokens: count,
            cache_creation_input_tokens: fc.option(count),
            cache_read_input_tokens: fc.option(count),
            cache_creation: fc.option(record({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count })),
            output_tokens: count,
            server_tool_use: fc.option(record({ web_search_requests: count })),
            service_tier: fc.constant('standard'),
          },
          ['cache_creation', 'server_tool_use', 'service_tier'],
        ),
      ),
    },
    ['stop_details', 'container'],
  ),
);

const part = fc.oneof(
  record({ text, thought: fc.constant(true), thoughtSignature: word }, ['thought', 'thoughtSignature']),
  record({ functionCall: record({ name: word, args: toolInput }), thoughtSignature: word }, ['thoughtSignature']),
  record({ inlineData: record({ mimeType: word, data: word }) }),
  withUnknown(record({ partOfTheFuture: json })),
);

export const generationAnswer: fc.Arbitrary<object> = withUnknown(
  record(
    {
      candidates: fc.array(
        withUnknown(
          record(
            {
              content: record({ parts: fc.array(part, { maxLength: 4 }), role: fc.constant('model') }),
              finishReason: fc.constantFrom('STOP', 'MAX_TOKENS'),
              safetyRatings: fc.array(json, { maxLength: 2 }),
              logprobsResult: record({ chosenCandidates: fc.array(json, { maxLength: 2 }) }),
            },
            ['safetyRatings', 'logprobsResult'],
          ),
        ),
        { minLength: 1, maxLength: 2 },
      ),
      usageMetadata: record({ promptTokenCount: count, candidatesTokenCount: count }),
      modelVersion: word,
      responseId: word,
    },
    ['modelVersion', 'responseId'],
  ),
).map((answer) => {
  const { candidates, ...rest } = answer as { candidates: object[] };
  return { ...rest, candidates: candidates.map((candidate, index) => ({ ...candidate, index })) };
});
