export {
  joinEmbeddingAnswers,
  joinEmbeddingInputs,
  splitEmbeddingAnswer,
  splitEmbeddingInputs,
} from './embedding-inputs.ts';
export { credentialOf, deniedHeaders } from './endpoint.ts';
export type { JsonObject } from './json-value.ts';
export { parseBody } from './parse-body.ts';
export type {
  AnswerUsage,
  AskedQuestion,
  BypassOptions,
  StreamWatcher,
  Verdict,
  WireFormat,
  WireFormatName,
  WireRequest,
} from './wire-format.ts';
export type { WireFormatInit } from './wire-format-of.ts';
export { wireFormatOf, wireFormats } from './wire-format-of.ts';
