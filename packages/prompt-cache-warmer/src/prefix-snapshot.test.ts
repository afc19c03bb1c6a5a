import { expect, test } from 'vitest';
import { checkPrefixes, parseSnapshot, snapshotPrefixes } from './prefix-snapshot.ts';

const prompt = (system: string, ...messages: string[]) => ({
  model: 'claude-opus-5-5',
  system,
  messages: messages.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })),
});

test('another question leaves the prefix as it is', () => {
  const snapshot = snapshotPrefixes({ support: prompt('Be kind.', 'One?') });
  expect(checkPrefixes(snapshot, { support: prompt('Be kind.', 'Two?') })).toEqual({
    broken: [],
    added: [],
    missing: [],
  });
});

test('a changed system prompt, or a changed example before the question, is told with its place', () => {
  const snapshot = snapshotPrefixes({ a: prompt('Be kind.', 'One?'), b: prompt('Label.', 'Cat', 'animal', 'Oak') });
  const { broken } = checkPrefixes(snapshot, {
    a: prompt('Be brief.', 'One?'),
    b: prompt('Label.', 'Cat', 'mammal', 'Oak'),
  });
  expect(broken).toMatchObject([
    { name: 'a', kind: 'system', path: 'system' },
    { name: 'b', kind: 'messages', path: 'messages[1].content' },
  ]);
});

test('prompts without a snapshot and snapshots without a prompt are listed', () => {
  const snapshot = snapshotPrefixes({ old: prompt('Be kind.', 'One?') });
  expect(checkPrefixes(snapshot, { young: prompt('Be kind.', 'One?') })).toEqual({
    broken: [],
    added: ['young'],
    missing: ['old'],
  });
});

test('a snapshot holds no text, and survives JSON', () => {
  const snapshot = snapshotPrefixes({ support: prompt('The password is swordfish.', 'One?') });
  const json = JSON.stringify(snapshot);
  expect(json).not.toContain('swordfish');
  expect(parseSnapshot(json)).toEqual(snapshot);
});

test.each(['', '{}', '[]', '{"version":1,"prompts":{"a":{}}}', '{"version":2,"prompts":{}}'])(
  '%j is no snapshot',
  (json) => {
    expect(() => parseSnapshot(json)).toThrow('no snapshot of prefixes');
  },
);
