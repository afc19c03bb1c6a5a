import { createRecorder, type ReportOptions } from './recorder.ts';
import type { Report } from './report.ts';

// Importing this package is the wish to listen: a report that starts counting when it is first asked for would always come too late.
const recorder = createRecorder();

/**
 * What every cache of this process did since this package was imported: requests, hits, upstream calls, tokens, dollars, latencies.
 * `${report()}` is a text table; `toMarkdown()` and `toJSON()` are the same figures in other clothes.
 */
export function report(options?: ReportOptions): Report {
  return recorder.report(options);
}
