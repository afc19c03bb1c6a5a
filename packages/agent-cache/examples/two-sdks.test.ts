import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startProviderStub } from '@agent-cache/provider-stub';
import { expect, test } from 'vitest';

test('the second round of both SDKs goes nowhere', async () => {
  await using server = await startProviderStub();
  const env = {
    ...process.env,
    OPENAI_BASE_URL: server.openaiUrl,
    OPENAI_API_KEY: 'sk-local',
    ANTHROPIC_BASE_URL: server.anthropicUrl,
    ANTHROPIC_API_KEY: 'sk-ant-local',
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'two-sdks.ts')], { env });
  let printed = '';
  child.stdout.on('data', (data) => {
    printed += data;
  });
  await once(child, 'close');
  expect(printed).toBe('4 calls, 2 upstream\n');
  expect(server.requests).toHaveLength(2);
});
