/** Who sells a model under its bare name, first match wins. Hosts of other people's models are never guessed. */
const vendors: readonly (readonly [provider: string, names: RegExp])[] = [
  [
    'bedrock',
    /^arn:aws|^((us|eu|apac|ap|au|jp|in|ca|us-gov|global|regional)\.)?(anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|stability|twelvelabs|writer|moonshot|moonshotai|minimax|nvidia|google|zai|xai)\.[a-z]/,
  ],
  ['vertex', /^(projects|publishers)\/|^claude-.*@/],
  ['fireworks', /^accounts\/fireworks\//],
  ['cloudflare', /^@cf\//],
  ['google', /^models\/|^(gemini|gemma|imagen|veo|learnlm|text-embedding-00|gemini-embedding|deep-research)/],
  [
    'openai',
    /^(ft:)?(gpt-|o[1-9](-|$)|chatgpt-|codex-|computer-use-|text-embedding-(3|ada)|davinci|babbage|dall-e|whisper|tts-|omni-moderation|chat-latest)/,
  ],
  ['anthropic', /^claude-/],
  ['deepseek', /^deepseek-/],
  ['xai', /^grok-/],
  ['mistral', /^(labs-)?(open-)?(mistral|mixtral|codestral|devstral|magistral|ministral|pixtral|voxtral)/],
  ['cohere', /^(command|embed-|rerank-)/],
  ['perplexity', /^(sonar|pplx-)/],
  ['voyage', /^voyage-/],
  ['moonshot', /^(kimi-|moonshot-)/],
  ['zai', /^glm-/],
  ['dashscope', /^(qwen|qwq)/],
  ['minimax', /^minimax-/],
  ['ai21', /^(jamba-|j2-)/],
];

/** The provider that sells a model under this bare name itself, when that is known. */
export function vendorOf(id: string): string | undefined {
  return vendors.find(([, names]) => names.test(id))?.[0];
}

/** The name without what resource paths wrap around it: `models/`, `publishers/google/models/`, an ARN, a fine-tune's owner. */
export function unwrapped(id: string): string {
  if (id.startsWith('arn:')) return id.slice(id.lastIndexOf('/') + 1);
  if (id.startsWith('ft:')) return id.split(':').slice(0, 2).join(':');
  return id.replace(/^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/[^/]+\/)?models\//, '');
}

const date = /[-@]20\d\d(?:-\d\d-\d\d|\d{4})$/;
const pointer = /[-@](?:latest|default)$/;
const bedrockRevision = /:0(?::\d+k)?$/;
const bedrockVersion = /(\d)-v1$/;

/**
 * What a name says about which model it is: without a date, `-latest`, Bedrock's revision. Only such marks are removed, never a part
 * of the version, so `claude-sonnet-5-5` stays apart from `claude-sonnet-5`. Claude's versions are written with a dot and with a dash.
 */
export function identityOf(id: string): string {
  let identity = id.replace(bedrockRevision, '').replace(bedrockVersion, '$1').replace(pointer, '').replace(date, '');
  identity = identity.replace(pointer, '');
  return identity.includes('claude') ? identity.replaceAll(/(\d)\.(?=\d)/g, '$1-') : identity;
}

/** The moment of a dated name, as digits that sort: `"20261007"`; the empty string for one without a date. */
export function dateOf(id: string): string {
  const found = date.exec(id.replace(bedrockRevision, '').replace(bedrockVersion, '$1'));
  return found?.[0].replaceAll(/\D/g, '') ?? '';
}

const geography = /^(us|eu|apac|ap|au|jp|in|ca)\.(?=[a-z0-9]+\.)/;

/** Splits Bedrock's inference profile from the model: `us.anthropic.claude-…`; `global.` and `us-gov.` are prices of their own. */
export function withoutGeography(id: string): string | undefined {
  return geography.test(id) ? id.replace(geography, '') : undefined;
}
