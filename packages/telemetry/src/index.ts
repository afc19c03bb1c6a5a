export { type CompareOptions, type Comparison, compareReports } from './compare-reports.ts';
export { report } from './default-recorder.ts';
export { TelemetryError, type TelemetryErrorCode } from './errors.ts';
export { formatUsd } from './format.ts';
export { type Journal, type JournalOptions, journal, type Schedule } from './journal.ts';
export type { PriceOptions } from './pricer.ts';
export { type ReadJournalOptions, readJournal } from './read-journal.ts';
export { createRecorder, type Recorder, type RecorderOptions, type ReportOptions } from './recorder.ts';
export type {
  Breakdown,
  Latency,
  MoneyFigures,
  Report,
  TierReport,
  TokenPair,
  UpstreamFigures,
} from './report.ts';
