import * as vitest from 'vitest';
import { answerIndexConformance } from './answer-index-conformance.ts';
import { memoryAnswerIndex } from './memory-answer-index.ts';

answerIndexConformance(vitest, {
  name: 'memoryAnswerIndex',
  create: (clock) => memoryAnswerIndex({ now: clock.now }),
});
