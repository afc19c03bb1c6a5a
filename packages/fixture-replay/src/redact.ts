import { listOf } from './json-value.ts';
import { base64Run, fieldInText, isSecretField, placeholder, secretShapes, secretVariable } from './secret-patterns.ts';

/** What is secret beyond what always is. There is no way to have less. */
export interface RedactOptions {
  /** names of body fields and query parameters whose values are secrets */
  readonly fields?: readonly string[] | undefined;
  /** texts that are secrets, wherever they stand */
  readonly values?: readonly string[] | undefined;
  /** shapes of secrets; flags are ignored */
  readonly patterns?: readonly RegExp[] | undefined;
}

/** Takes secrets out of values and texts, and finds those that are left. */
export interface Redactor {
  /** A text without its secrets. */
  text(text: string): string;
  /** A JSON value without its secrets, in names of fields too; the same value when there was none. */
  value(value: unknown): unknown;
  /** Does this text hold a secret? */
  finds(text: string): boolean;
  /** Learns a secret that turned up, such as the key of a request. @returns whether it was new */
  learn(secret: string): void;
}

/** Shorter texts are too likely to be words: `test`, `local`, `ollama`. */
const minSecretLength = 8;
/** Texts remembered per session; every step of an agent repeats the conversation. */
const maxRemembered = 5_000;

/** @param environment variables whose names sound secret lend their values */
export function createRedactor(
  options: RedactOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Redactor {
  const { fields = [], values = [], patterns = [] } = options;
  const additions = patterns.map(({ source }) => ({ needle: '', pattern: new RegExp(source, 'g') }));
  const shapes = [...secretShapes, ...additions];
  const quoted = fieldInText(fields);
  const literals = new Set<string>();
  const remembered = new Map<string, string>();
  const learn = (secret: string): void => {
    if (secret.length < minSecretLength || secret === placeholder || literals.has(secret)) return;
    for (const form of formsOf(secret)) literals.add(form);
    remembered.clear();
  };
  for (const secret of [...values, ...secretsOf(environment)]) learn(secret);

  const plain = (text: string): string => {
    let result = text;
    for (const literal of literals) if (result.includes(literal)) result = result.replaceAll(literal, placeholder);
    for (const { needle, pattern } of shapes)
      if (result.includes(needle)) result = result.replace(pattern, placeholder);
    return result.includes('"') ? result.replace(quoted, (_all, before: string) => before + placeholder) : result;
  };
  const clean = (text: string): string => {
    const result = plain(text);
    return result.replace(base64Run, (run) => (hidesSecret(run, plain) ? placeholder : run));
  };
  const text = (original: string): string => {
    // Nothing shorter holds a shape, a quoted field or an encoded secret.
    if (original.length < minSecretLength) return original;
    const known = remembered.get(original);
    if (known !== undefined) return known;
    const result = clean(original);
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(original, result);
    return result;
  };
  return {
    text,
    learn,
    finds: (candidate) => text(candidate) !== candidate,
    value: (value) => redactValue(value, text, fields),
  };
}

/** A secret as it may turn up: as it is, in URLs, in JSON, in base64 at each of the three alignments. */
function formsOf(secret: string): Set<string> {
  const forms = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  for (const lead of [0, 1, 2]) {
    const bytes = Buffer.concat([Buffer.alloc(lead), Buffer.from(secret)]);
    // The characters at either end share bits with what stands beside the secret.
    const skip = Math.ceil((lead * 4) / 3);
    const whole = Math.floor((bytes.length * 4) / 3);
    for (const encoding of ['base64', 'base64url'] as const) {
      const core = bytes.toString(encoding).slice(skip, whole);
      if (core.length >= minSecretLength) forms.add(core);
    }
  }
  return forms;
}

function secretsOf(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => (value && secretVariable.test(name) ? [value] : []));
}

/** Does a run of base64 hold a secret once decoded? Each alignment is tried, since the run may begin before the encoded text does. */
function hidesSecret(run: string, plain: (text: string) => string): boolean {
  for (let start = 0; start < 4; start++) {
    const decoded = Buffer.from(run.slice(start), 'base64').toString('latin1');
    if (plain(decoded) !== decoded) return true;
  }
  return false;
}

function redactValue(value: unknown, text: (text: string) => string, fields: readonly string[]): unknown {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const copy = value.map((element) => redactValue(element, text, fields));
    return copy.some((element, index) => element !== value[index]) ? copy : value;
  }
  let changed = false;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => {
    const kept = text(name);
    const result = isSecretField(name, fields) ? hideLeaves(inner) : redactValue(inner, text, fields);
    changed ||= result !== inner || kept !== name;
    return [kept, result];
  });
  return changed ? Object.fromEntries(entries) : value;
}

/** The value of a secret field: a text, or a list of texts. Objects are schemas and the like: `{ "password": { "type": "string" } }`. */
function hideLeaves(value: unknown): unknown {
  if (typeof value === 'string') return value === '' ? value : placeholder;
  if (Array.isArray(value) && listOf(value).some((item) => typeof item === 'string')) return value.map(hideLeaves);
  return value;
}
