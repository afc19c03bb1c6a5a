/** What stands in the place of a secret. The same for all, so that a run with another key still matches. */
export const placeholder = '[redacted]';

/** A shape of secrets: where the `needle` is not, the expression need not look, and looking for a needle costs next to nothing. */
export interface SecretShape {
  readonly needle: string;
  readonly pattern: RegExp;
}

/**
 * Tokens that say by their shape what they are, as their issuers document them: OpenAI, Anthropic and Stripe, AWS, GitHub, GitLab, Slack,
 * Google, Hugging Face, Groq, xAI, npm, JSON Web Tokens, private keys in PEM, bearer credentials, and users in URLs.
 */
export const secretShapes: readonly SecretShape[] = [
  // Words end in "sk", such as "task-force", so only the longer beginnings may follow a letter.
  { needle: 'sk-', pattern: /(?:\bsk|sk-(?:proj|ant|svcacct|or))-[A-Za-z0-9_-]{16,}/g },
  { needle: 'k_', pattern: /\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { needle: 'AKIA', pattern: /AKIA[0-9A-Z]{16}/g },
  { needle: 'ASIA', pattern: /ASIA[0-9A-Z]{16}/g },
  { needle: 'gh', pattern: /gh[pousr]_[A-Za-z0-9]{30,}/g },
  { needle: 'github_pat_', pattern: /github_pat_[A-Za-z0-9_]{40,}/g },
  { needle: 'glpat-', pattern: /glpat-[A-Za-z0-9_-]{20,}/g },
  { needle: 'xox', pattern: /xox[abeoprs]-[A-Za-z0-9-]{10,}/g },
  { needle: 'AIza', pattern: /AIza[0-9A-Za-z_-]{35}/g },
  { needle: 'ya29.', pattern: /ya29\.[0-9A-Za-z_-]{20,}/g },
  { needle: 'hf_', pattern: /hf_[A-Za-z0-9]{30,}/g },
  { needle: 'gsk_', pattern: /gsk_[A-Za-z0-9]{30,}/g },
  { needle: 'xai-', pattern: /xai-[A-Za-z0-9]{30,}/g },
  { needle: 'npm_', pattern: /npm_[A-Za-z0-9]{36}/g },
  { needle: 'eyJ', pattern: /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g },
  {
    needle: '-----BEGIN',
    pattern:
      /-----BEGIN(?:[A-Z +]|%20)*PRIVATE(?:[ +]|%20)KEY-----[\s\S]*?(?:-----END(?:[A-Z +]|%20)*PRIVATE(?:[ +]|%20)KEY-----|$)/g,
  },
  { needle: 'earer', pattern: /\b[Bb]earer\s+[A-Za-z0-9._~+/-]{16,}=*/g },
  { needle: '://', pattern: /(?<=:\/\/)[^\s/:@"'\\]+:[^\s/@"'\\]+(?=@)/g },
];

const fieldNames =
  '(?:x[-_])?api[-_]?key|authorization|proxy[-_]authorization|(?:access|refresh|id|auth|session|security|bearer)[-_]?token|' +
  '(?:client|app|consumer|signing)[-_]?secret|secret|secret[-_]?(?:access[-_]?)?key|private[-_]?key|pass(?:word|wd|phrase)|' +
  'credentials?|set-cookie|cookie';

/** Is this the name of a field, parameter or header whose value is a secret? */
export function isSecretField(name: string, additions: readonly string[] = []): boolean {
  return SECRET_FIELD.test(name) || additions.some((addition) => addition.toLowerCase() === name.toLowerCase());
}

const SECRET_FIELD = new RegExp(`^(?:${fieldNames})$`, 'i');

/** Parameters of URLs that carry keys or signatures. */
export function isSecretParameter(name: string, additions: readonly string[] = []): boolean {
  return isSecretField(name, additions) || SECRET_PARAMETER.test(name);
}

const SECRET_PARAMETER =
  /^(?:key|token|sig|signature|subscription-key|x-(?:amz|goog)-(?:signature|credential|security-token))$/i;

/**
 * A secret field inside a text that holds JSON, at any depth of quoting: `"password":"…"`, `\"password\":\"…\"`. The first group is what
 * stays before the value, the second the quoting, the third the value.
 */
export function fieldInText(additions: readonly string[] = []): RegExp {
  const names = [fieldNames, ...additions.map((name) => name.replace(/[^\w-]/g, '\\$&'))].join('|');
  return new RegExp(`((\\\\*)"(?:${names})\\2"\\s*:\\s*\\2")((?:\\\\[^"]|[^"\\\\]|(?!\\2")\\\\")*)(?=\\2")`, 'gi');
}

/** Names of environment variables whose values are secrets. */
export const secretVariable: RegExp =
  /(?:^|_|API|ACCESS|PRIVATE|SECRET|MASTER)KEYS?(?:_|$)|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL/i;

/** Runs of characters that may be base64, in either alphabet. */
export const base64Run: RegExp = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
