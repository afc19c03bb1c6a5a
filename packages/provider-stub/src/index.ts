export { supportAgent } from './default-answerer.ts';
export type { Fault } from './faults.ts';
export type {
  Answerer,
  ApiName,
  Provider,
  StopReason,
  StubAnswer,
  StubMessage,
  StubRequest,
  StubTool,
  StubToolCall,
  StubUsage,
} from './provider-api.ts';
export type { LoggedRequest, StubTotals } from './request-log.ts';
export { type ProviderStub, type ProviderStubOptions, startProviderStub } from './start-provider-stub.ts';
