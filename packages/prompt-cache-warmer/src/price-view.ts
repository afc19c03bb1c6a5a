import { type BreakEvenOptions, prefixCosts } from './break-even.ts';
import { cacheRulesOf, rulesOfModel } from './cache-rules.ts';
import type { LifeCosts } from './plan-gap.ts';
import type { PrefixView } from './warm-policy.ts';

/** The lives that a model's provider offers a prefix, with their costs in pico-dollars. Undefined when the price is not known. */
export function priceView(options: BreakEvenOptions & { readonly model: string }): PrefixView | undefined {
  const { model, format } = options;
  const rules = format === undefined ? rulesOfModel(model) : cacheRulesOf(format, model);
  const plain = prefixCosts(model, 'memory', options);
  if (plain === undefined) return undefined;
  const offered = rules.lives.flatMap(({ ttl, lifeMs, atMostMs }): LifeCosts[] => {
    const costs = prefixCosts(model, ttl, options);
    if (costs === undefined) return [];
    return [{ ttl, lifeMs, atMostMs, write: costs.write, read: costs.read, canPing: rules.noKeepAlive === undefined }];
  });
  // A longer life for the same price is one whose price is not listed.
  const lives = offered.filter((life, index) => index === 0 || life.write > (offered[index - 1]?.write ?? 0));
  return { lives, input: plain.input };
}
