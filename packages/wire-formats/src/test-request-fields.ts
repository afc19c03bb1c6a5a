/**
 * What becomes of each field that a client of an API can state:
 * `key` takes part in the identity, `denied` cannot change the answer, `bypass` makes the request uncacheable, `client` never leaves
 * the client. A pair after the fate gives two values that the client accepts, where two strings would not do.
 */
export type Fate = 'key' | 'denied' | 'bypass' | 'client';
export type Field = Fate | readonly [fate: Fate, a: unknown, b: unknown];
export type Fields = Readonly<Record<string, Field>>;

const text = (value: string): unknown => [{ role: 'user', content: value }];

const openaiCommon: Fields = {
  metadata: 'denied',
  model: 'key',
  moderation: 'key',
  parallel_tool_calls: 'key',
  prompt_cache_key: 'denied',
  prompt_cache_options: ['denied', { mode: 'implicit' }, { mode: 'explicit' }],
  prompt_cache_retention: 'denied',
  safety_identifier: 'denied',
  service_tier: 'denied',
  store: 'key',
  stream: ['denied', true, false],
  stream_options: ['denied', { include_obfuscation: true }, { include_obfuscation: false }],
  temperature: 'key',
  tool_choice: 'key',
  tools: ['key', [{ type: 'function', name: 'a' }], [{ type: 'function', name: 'b' }]],
  top_logprobs: 'key',
  top_p: 'key',
  user: 'denied',
};

export const chatFields: Fields = {
  ...openaiCommon,
  audio: 'key',
  frequency_penalty: 'key',
  function_call: 'key',
  functions: 'key',
  logit_bias: 'key',
  logprobs: 'key',
  max_completion_tokens: 'key',
  max_tokens: 'key',
  messages: ['key', text('a'), text('b')],
  modalities: 'key',
  n: 'key',
  prediction: 'key',
  presence_penalty: 'key',
  reasoning_effort: 'key',
  response_format: 'key',
  seed: 'key',
  stop: 'key',
  verbosity: 'key',
  web_search_options: ['bypass', {}, { search_context_size: 'low' }],
};

export const responseFields: Fields = {
  ...openaiCommon,
  access_programs: 'key',
  background: ['bypass', true, true],
  context_management: 'key',
  conversation: 'bypass',
  image: 'key',
  include: 'key',
  input: 'key',
  instructions: 'key',
  max_output_tokens: 'key',
  max_tool_calls: 'key',
  previous_response_id: 'key',
  prompt: 'key',
  reasoning: 'key',
  text: 'key',
  truncation: 'key',
};

export const embeddingFields: Fields = {
  dimensions: 'key',
  // The client states base64 when its caller states nothing.
  encoding_format: ['key', 'float', 'int8'],
  input: 'key',
  model: 'key',
  user: 'denied',
};

export const messageFields: Fields = {
  cache_control: ['denied', { type: 'ephemeral' }, { type: 'ephemeral', ttl: '1h' }],
  container: 'bypass',
  diagnostics: ['denied', { previous_message_id: 'a' }, { previous_message_id: 'b' }],
  // Where it is computed does not change the answer, but whoever asks for one country must not get another's.
  inference_geo: 'key',
  max_tokens: ['key', 1, 2],
  messages: ['key', text('a'), text('b')],
  metadata: 'denied',
  model: 'key',
  output_config: ['key', { effort: 'low' }, { effort: 'high' }],
  service_tier: 'denied',
  speed: 'denied',
  stop_sequences: 'key',
  stream: ['denied', true, false],
  system: 'key',
  thinking: ['key', { type: 'adaptive' }, { type: 'disabled' }],
  tool_choice: 'key',
  tools: ['key', [{ name: 'a' }], [{ name: 'b' }]],
  user_profile_id: 'key',
  workspace_id: 'key',
};

export const betaMessageFields: Fields = {
  ...messageFields,
  betas: ['key', ['a'], ['b']],
  billing_policy: 'denied',
  compaction: 'key',
  context_management: 'key',
  fallback_credit_token: 'denied',
  fallbacks: 'key',
  mcp_servers: ['bypass', [{ name: 'a' }], [{ name: 'b' }]],
  output_format: ['key', { type: 'json_schema', schema: {} }, { type: 'json_schema', schema: { type: 'object' } }],
  thread: 'bypass',
};

const content = (value: string): unknown => ({ role: 'user', parts: [{ text: value }] });

export const generationFields: Fields = {
  abortSignal: ['client', AbortSignal.any([]), AbortSignal.any([])],
  audioTimestamp: 'key',
  audioTranscriptionConfig: ['key', { languageCodes: ['a'] }, { languageCodes: ['b'] }],
  // Tells the client to call functions by itself, and is told to nobody else.
  automaticFunctionCalling: ['client', { disable: true }, { disable: false }],
  automaticContinuation: ['client', true, false],
  cachedContent: 'key',
  candidateCount: 'key',
  continuationToken: 'key',
  enableEnhancedCivicAnswers: 'key',
  frequencyPenalty: 'key',
  generationOutputConfig: ['key', { a: 1 }, { a: 2 }],
  httpOptions: ['client', { timeout: 1_000 }, { timeout: 2_000 }],
  imageConfig: ['key', { aspectRatio: '1:1' }, { aspectRatio: '16:9' }],
  labels: ['denied', { a: '1' }, { a: '2' }],
  logprobs: 'key',
  maxOutputTokens: 'key',
  mediaResolution: 'key',
  modelArmorConfig: ['key', { promptTemplateName: 'a' }, { promptTemplateName: 'b' }],
  modelSelectionConfig: ['key', { featureSelectionPreference: 'a' }, { featureSelectionPreference: 'b' }],
  presencePenalty: 'key',
  responseJsonSchema: ['key', { type: 'object' }, { type: 'string' }],
  responseLogprobs: 'key',
  responseMimeType: 'key',
  responseModalities: ['key', ['TEXT'], ['IMAGE']],
  responseSchema: ['key', { type: 'OBJECT' }, { type: 'STRING' }],
  routingConfig: ['key', { manualMode: { modelName: 'a' } }, { manualMode: { modelName: 'b' } }],
  safetySettings: ['key', [{ category: 'a', threshold: 'x' }], [{ category: 'b', threshold: 'x' }]],
  seed: 'key',
  serviceTier: 'denied',
  speechConfig: ['key', { languageCode: 'a' }, { languageCode: 'b' }],
  stopSequences: ['key', ['a'], ['b']],
  store: 'key',
  systemInstruction: ['key', content('a'), content('b')],
  temperature: ['key', 0, 1],
  thinkingConfig: ['key', { thinkingBudget: 1 }, { thinkingBudget: 2 }],
  toolConfig: ['key', { functionCallingConfig: { mode: 'ANY' } }, { functionCallingConfig: { mode: 'NONE' } }],
  tools: ['key', [{ functionDeclarations: [{ name: 'a' }] }], [{ functionDeclarations: [{ name: 'b' }] }]],
  topK: 'key',
  topP: 'key',
};
