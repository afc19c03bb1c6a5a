import { expect, test } from 'vitest';
import { askTogether, slowModel } from './shared-answer.ts';

test('ten users cost one call of the model, and nine of them get the answer', async () => {
  const model = slowModel(['A cache ', 'remembers ', 'answers.']);
  const [first, ...others] = await askTogether(model);
  expect(first).toMatchObject({ status: 'rejected', reason: { message: 'user 0 went away' } });
  for (const answer of others) expect(answer).toEqual({ status: 'fulfilled', value: 'A cache remembers answers.' });
  expect(model.calls).toBe(1);
});
