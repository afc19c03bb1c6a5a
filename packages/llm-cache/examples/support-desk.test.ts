import { startProviderStub } from '@agent-cache/provider-stub';
import { expect, test } from 'vitest';
import { createDesk } from './support-desk.ts';

test('companies share nothing, and a new price list makes only answers about prices old', async () => {
  await using stub = await startProviderStub();
  const desk = createDesk(stub.openaiUrl);
  const fees = 'What is the fee for a second card?';
  const hours = 'When are you open?';

  const first = await desk.ask('Züri Bank', fees);
  expect(await desk.ask('Züri Bank', fees)).toBe(first);
  await desk.ask('Bank of Basel', fees);
  await desk.ask('Züri Bank', hours);
  expect(stub.requests).toHaveLength(3);

  await desk.pricesChanged();
  await desk.ask('Züri Bank', fees);
  await desk.ask('Züri Bank', hours);
  expect(stub.requests).toHaveLength(4);
});
