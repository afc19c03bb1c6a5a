import { expect, test } from 'vitest';
import { keyOf, keys } from './key-of-a-request.ts';

test('the two requests of the example have one key, and another question has another', () => {
  expect(keys[0]).toMatch(/^ac1:default:acme%2Feu:llm:[0-9a-f]{64}$/);
  expect(keys[1]).toBe(keys[0]);
  expect(keyOf({ model: 'gpt-5.6', question: 'another' })).not.toBe(keys[0]);
});
