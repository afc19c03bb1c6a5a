export type { JoinOptions, SharedStream, SingleFlight, SingleFlightStats, WorkContext } from './single-flight.ts';
