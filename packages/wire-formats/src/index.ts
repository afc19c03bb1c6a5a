export type { AnswerUsage, AskedQuestion, StreamWatcher, Verdict, WireFormat, WireRequest } from './wire-format.ts';
