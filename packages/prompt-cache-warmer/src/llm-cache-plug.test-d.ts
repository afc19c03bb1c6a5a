import type { Usage } from '@agent-cache/cost-table';
import type { JsonObject, WireFormatName } from '@agent-cache/wire-formats';
import { expectTypeOf, test } from 'vitest';
import type { Warmer } from './warmer-types.ts';

/** What llm-cache shows its `prepare` and `observe`. */
interface LlmRequest {
  readonly format: WireFormatName;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: JsonObject;
}

test('prepare and observe fit llm-cache as they are', () => {
  expectTypeOf<Warmer['prepare']>().toExtend<(request: LlmRequest) => JsonObject | undefined>();
  expectTypeOf<Warmer['observe']>().toExtend<
    (event: { readonly request: LlmRequest; readonly usage: Usage | undefined }) => void
  >();
});
