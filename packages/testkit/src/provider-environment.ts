import { startProviderStub } from '@agent-cache/provider-stub';

export interface ProviderEnvironment {
  /** what points the SDKs at the local provider server */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A local provider server, and the environment under which SDK clients talk to it. */
export async function providerEnvironment(): Promise<ProviderEnvironment> {
  const server = await startProviderStub();
  return {
    env: {
      OPENAI_BASE_URL: server.openaiUrl,
      OPENAI_API_KEY: 'sk-local',
      ANTHROPIC_BASE_URL: server.anthropicUrl,
      ANTHROPIC_API_KEY: 'sk-ant-local',
      GOOGLE_GEMINI_BASE_URL: server.geminiUrl,
      GEMINI_API_KEY: 'local',
    },
    close: () => server.close(),
  };
}
