import { createHash } from 'node:crypto';
import { CHARACTERS_PER_TOKEN, type PromptBlock } from './prompt-blocks.ts';

/** A beginning of a prompt: everything up to and including its last block. */
export interface Prefix {
  readonly digest: string;
  readonly tokens: number;
  readonly last: PromptBlock;
}

/** The prefixes that end with each block of a prompt, shortest first; `scope` keeps models and accounts apart. */
export function prefixesOf(prompt: readonly PromptBlock[], scope: string): Prefix[] {
  let digest = scope;
  let tokens = 0;
  return prompt.map((last) => {
    digest = createHash('sha256').update(`${digest}\u0000${last.label}\u0000${last.text}`).digest('base64url');
    tokens += last.tokens;
    return { digest, tokens, last };
  });
}

/** A beginning of a prompt that ends after a whole number of steps. */
export interface Step {
  readonly digest: string;
  readonly tokens: number;
}

/**
 * The prefixes of a prompt in steps of `stepTokens`, shortest first. A step ends inside a block as a rule.
 */
export function stepsOf(prompt: readonly PromptBlock[], scope: string, stepTokens: number): Step[] {
  const steps: Step[] = [];
  const hash = createHash('sha256').update(scope);
  let tokens = 0;
  for (const block of prompt) {
    const cut = (from: number, to?: number): string =>
      block.text.slice(from * CHARACTERS_PER_TOKEN, to && to * CHARACTERS_PER_TOKEN);
    let taken = 0;
    hash.update(`\u0000${block.label}\u0000`);
    while (block.tokens - taken >= stepTokens - (tokens % stepTokens)) {
      const next = taken + stepTokens - (tokens % stepTokens);
      hash.update(cut(taken, next));
      tokens += next - taken;
      taken = next;
      steps.push({ digest: hash.copy().digest('base64url'), tokens });
    }
    hash.update(cut(taken));
    tokens += block.tokens - taken;
  }
  return steps;
}
