import type { WarmerOptions } from './warmer-types.ts';

/** @throws TypeError naming the option and the way out */
export function checkWarmerOptions({ send, budgetUsd, tier }: WarmerOptions): void {
  if (typeof send !== 'function') {
    throw new TypeError(
      'createWarmer: `send` must be a function that sends a request: ({ body }) => anthropic.messages.create(body).',
    );
  }
  if (!(budgetUsd >= 0)) {
    throw new TypeError(
      `createWarmer: \`budgetUsd\` is ${budgetUsd}; say how many US dollars pings may cost per day, 0 or more.`,
    );
  }
  if (tier !== undefined && tier.claim === undefined) {
    throw new TypeError(
      `createWarmer: the tier "${tier.name}" has no \`claim\`, so processes cannot agree who pings; pass a shared tier (sqliteTier, redisTier) or leave \`tier\` out.`,
    );
  }
}
