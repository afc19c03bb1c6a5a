import { Worker } from 'node:worker_threads';
import type { EngineSettings } from './wire.ts';

/** Starts the thread of the embedded Postgres. Its first message is `'open'`; it does not keep the process alive. */
export function startThread(settings: EngineSettings): Worker {
  // In the build all files but the thread's own are one, beside it.
  const path = import.meta.url.endsWith('.ts') ? './worker.ts' : './postgres-worker.js';
  const thread = new Worker(new URL(path, import.meta.url), {
    name: 'agent-cache-postgres',
    workerData: settings,
    env: {},
    execArgv: [],
  });
  thread.unref();
  return thread;
}
