export { createSingleFlight } from './create-single-flight.ts';
export { AbandonedError, ReentrantWorkError, StreamTooLongError } from './errors.ts';
export { shareStream } from './shared-stream.ts';
export type {
  JoinOptions,
  SharedStream,
  ShareStreamOptions,
  SingleFlight,
  SingleFlightOptions,
  SingleFlightStats,
  WorkContext,
} from './single-flight.ts';
export type { WholeStream } from './stream-log.ts';
