import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProviderEnvironment, providerEnvironment } from './provider-environment.ts';
import { runProgram } from './run-block.ts';
import { readmes, typeScriptBlocks } from './workspace.ts';

let provider: ProviderEnvironment;
beforeAll(async () => {
  provider = await providerEnvironment();
});
afterAll(() => provider.close());

describe('the programs in READMEs run', () => {
  test.concurrent.each(readmes().flatMap(typeScriptBlocks))(
    '$at',
    async ({ code, folder }) => {
      const { status, output } = await runProgram(code, {
        cwd: folder,
        env: provider.env,
        nodeOptions: [
          '--conditions=@agent-cache/source',
          '--disable-warning=ExperimentalWarning',
          // A program that opens an embedded Postgres once spends most of its time on optimising WebAssembly for a longer life.
          '--liftoff-only',
        ],
      });
      expect({ status, output }).toMatchObject({ status: 0 });
    },
    60_000,
  );
});
