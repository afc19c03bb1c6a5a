import { parentPort } from 'node:worker_threads';
import type { Bulletin, Call, WorkerSettings } from './protocol.ts';
import { Engine } from './worker/engine.ts';

// Runs in a thread of its own, started from the TypeScript source or from the build: it may import nothing but Node's modules and files
// of this folder.
const port = parentPort;
if (port === null) throw new Error('worker.ts runs in a worker thread; import @agent-cache/sqlite-tier instead');

let engine: Engine | undefined;

/** First the settings of a file, then calls; after a `close` the settings of another file may come. */
port.on('message', (message: WorkerSettings | readonly Call[]) => {
  if ('file' in message) engine = new Engine(message, (bulletin: Bulletin) => port.postMessage(bulletin));
  else engine?.receive(message);
});
