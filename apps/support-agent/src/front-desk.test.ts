import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryAnswerIndex } from '@agent-cache/core-tier/testing';
import { startProviderStub } from '@agent-cache/provider-stub';
import { expect, onTestFinished, test } from 'vitest';
import { frontDeskText, playFrontDesk } from './front-desk.ts';
import { paraphrasedTrace } from './paraphrases.ts';

test.each(['openai', 'anthropic'])('the table has each question that was answered by meaning, with %s', async (sdk) => {
  const server = await startProviderStub();
  const dir = await mkdtemp(join(tmpdir(), 'front-desk-'));
  onTestFinished(async () => {
    await server.close();
    await rm(dir, { recursive: true });
  });
  const { openaiUrl, anthropicUrl } = server;
  const keys = { openaiKey: sdk === 'openai' ? 'sk' : undefined, anthropicKey: sdk === 'openai' ? undefined : 'sk' };
  const desk = await playFrontDesk({
    // The stand-in for the index knows the same words in another order.
    questions: ['Can I pay by card?', 'Is it late?', 'By card can I pay?', 'Can I pay by card?'],
    provider: { openaiUrl, anthropicUrl, ...keys },
    dir,
    semantic: memoryAnswerIndex(),
  });
  expect(desk.hits).toEqual([{ question: 'By card can I pay?', matched: 'Can I pay by card?', similarity: 1 }]);
  expect(server.requests).toHaveLength(2);
  expect(frontDeskText(desk)).toBe(
    [
      'Answered by meaning',
      '  question            matched             similarity',
      '  By card can I pay?  Can I pay by card?  1.000',
      '',
      '4 questions: 1 answered by meaning, 2 by the model.',
      'By meaning in each quarter of them: 0, 0, 1, 0.',
    ].join('\n'),
  );
});

test('the trace asks every question in its first words before it asks any in others, and none twice', () => {
  const trace = paraphrasedTrace();
  expect(new Set(trace).size).toBe(trace.length);
  expect(trace.indexOf('How can I reset my password?')).toBeGreaterThan(
    trace.indexOf('Can I change the delivery address?'),
  );
});
