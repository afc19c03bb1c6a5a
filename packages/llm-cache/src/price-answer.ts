import type { Call } from './call.ts';
import type { Core } from './core.ts';
import type { Priced } from './pricing.ts';

/** What an answer cost, by the usage it states; its model by the name it gives itself, or else by the one it was asked under. */
export function priceAnswer(
  core: Core,
  call: Call,
  answer: { readonly json: unknown; readonly askedModel: string | undefined; readonly computeMs: number },
): Priced | Promise<Priced> {
  const { json, askedModel, computeMs } = answer;
  const { model = askedModel, usage } = call.format.usageOf(json) ?? { usage: undefined };
  return core.pricing.priceOf({
    format: call.format.name,
    model,
    askedModel,
    usage,
    host: call.url.hostname,
    computeMs,
  });
}
