import { reportTrouble } from './trouble.ts';

const PREFIX = 'x-agent-cache';

/** What a caller asks of the cache for one request. */
export interface Control {
  readonly mode: 'normal' | 'bypass' | 'refresh' | 'only-if-cached';
  readonly ttlMs: number | undefined;
  readonly tags: readonly string[];
  readonly tenant: string | undefined;
  /** whether the answer to a question in other words will do */
  readonly semantic: boolean;
}

const NOTHING: Control = { mode: 'normal', ttlMs: undefined, tags: [], tenant: undefined, semantic: true };

type HeadersInput = ConstructorParameters<typeof Headers>[0];

/** Whether any control header is there, in whatever form `fetch` takes headers. */
export function hasControl(headers: HeadersInput | null): boolean {
  if (typeof headers !== 'object' || headers === null) return false;
  if (headers instanceof Headers) return [...headers.keys()].some(isControl);
  const names = Symbol.iterator in headers ? [...headers].map(([name]) => name) : Object.keys(headers);
  return names.some((name) => isControl(String(name).toLowerCase()));
}

/** Takes the control headers out of `headers`, which must be the cache's own copy, and reads them. A bad one is reported and ignored. */
export function takeControl(headers: Headers): Control {
  const names = [...headers.keys()].filter(isControl);
  if (names.length === 0) return NOTHING;
  const control: { -readonly [Field in keyof Control]: Control[Field] } = { ...NOTHING };
  for (const name of names) {
    const value = headers.get(name) ?? '';
    headers.delete(name);
    const problem = readInto(control, name, value);
    if (problem !== undefined) {
      reportTrouble('ERR_LLM_CACHE_CONTROL', `Header "${name}" is ignored: ${problem}`, { operation: 'control' });
    }
  }
  return control;
}

function isControl(name: string): boolean {
  return name === PREFIX || name.startsWith(`${PREFIX}-`);
}

type OpenControl = { -readonly [Field in keyof Control]: Control[Field] };

/** Answers with what is wrong, if anything. */
function readInto(control: OpenControl, name: string, value: string): string | undefined {
  switch (name) {
    case PREFIX:
      return readMode(control, value);
    case `${PREFIX}-ttl-ms`:
      return readTtl(control, value);
    case `${PREFIX}-tags`:
      return readTags(control, value);
    case `${PREFIX}-tenant`:
      control.tenant = value === '' ? undefined : value;
      return undefined;
    case `${PREFIX}-semantic`:
      control.semantic = value.toLowerCase() !== 'off';
      return control.semantic ? 'it may be off, and is on anyway where an answer index is configured.' : undefined;
    default:
      return 'there is no such control header; there are x-agent-cache and its -ttl-ms, -tags, -tenant and -semantic.';
  }
}

function readMode(control: OpenControl, value: string): string | undefined {
  const mode = value.toLowerCase();
  if (mode !== 'bypass' && mode !== 'refresh' && mode !== 'only-if-cached') {
    return 'it may be bypass, refresh or only-if-cached, one of them.';
  }
  control.mode = mode;
  return undefined;
}

function readTtl(control: OpenControl, value: string): string | undefined {
  if (!/^\d+(?:\.\d+)?$/.test(value)) return 'it must be a number of milliseconds, 0 or more.';
  control.ttlMs = Number(value);
  return undefined;
}

function readTags(control: OpenControl, value: string): string | undefined {
  let problem: string | undefined;
  const tags: string[] = [];
  for (const part of value.split(',')) {
    const tag = decoded(part.trim());
    if (tag === undefined) problem = 'a tag in it is not percent-encoded UTF-8.';
    else if (tag.startsWith('@')) problem = 'tags that begin with "@" belong to the cache.';
    else if (tag !== '') tags.push(tag);
  }
  control.tags = tags;
  return problem;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
