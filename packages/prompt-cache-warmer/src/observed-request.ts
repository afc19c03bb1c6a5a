import { isPromptFormat, type PromptFormat, requestFacts } from './prompt-format.ts';
import type { ObservedRequest } from './warmer-types.ts';

/** Which cache a request goes to. */
export interface Facts {
  readonly format: PromptFormat;
  readonly model: string;
}

/** undefined for requests that have no prompt cache; never throws. */
export function factsOf({ format, body, url }: ObservedRequest): Facts | undefined {
  if (format !== undefined && !isPromptFormat(format)) return undefined;
  // Gemini's and Bedrock's URLs name the model.
  const inPath = /\/models?\/([^/:]+)[:/]/.exec(url?.pathname ?? '')?.[1];
  const model = typeof body.model === 'string' ? body.model : inPath;
  try {
    return requestFacts(body, { format, model });
  } catch {
    return undefined;
  }
}

/** Requests of one kind can share prefixes. */
export function kindOf(tenant: string, { format, model }: Facts): string {
  return `${tenant}\0${format}\0${model}`;
}

/** Hosts that are OpenAI's, or stand in for it on this machine. */
const OPENAI_HOST = /(^|\.)openai\.com$|^localhost$|^127\.|^\[::1\]$/;

/**
 * Whether a request may get markers. Many vendors speak OpenAI's API without its cache fields and refuse what they do not know; Anthropic's
 * markers are part of its API wherever it is spoken.
 */
export function takesMarkers({ format }: Facts, url: URL | undefined, provider: string | undefined): boolean {
  if (!format.startsWith('openai')) return true;
  if (provider !== undefined) return provider === 'openai';
  return url === undefined || OPENAI_HOST.test(url.hostname);
}
