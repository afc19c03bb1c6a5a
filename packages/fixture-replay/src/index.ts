export type { Path, ToolCall } from './conversation.ts';
export type { ReplayErrorCode, ReplayErrorDetails } from './errors.ts';
export { ReplayError } from './errors.ts';
export type { ReplayFault } from './fault.ts';
export { readFixture } from './fixture-file.ts';
export type {
  BytesDigest,
  Exchange,
  Failure,
  Fixture,
  FormPart,
  RecordedEvent,
  RecordedRequest,
  RecordedResponse,
  ToolRecord,
  Totals,
} from './fixture-format.ts';
export type { MissKind } from './miss-kind.ts';
export type { ReplayMode } from './mode.ts';
export { openReplay } from './open-replay.ts';
export type { Chunking, Timing } from './play-exchange.ts';
export type { BrokenPrefix } from './prefix.ts';
export { brokenPrefixes } from './prefix.ts';
export type { RedactOptions } from './redact.ts';
export type { Drift, OpenReplayOptions, ReplayOptions, ReplaySession, ReplayStep } from './replay-session.ts';
export { volatile } from './volatile.ts';
