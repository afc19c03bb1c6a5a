import { parentPort, workerData } from 'node:worker_threads';
import type { Bulletin, Call, WorkerSettings } from './protocol.ts';
import { Engine } from './worker/engine.ts';

// Runs in a thread of its own, started from the TypeScript source or from the build: it may import nothing but Node's modules and files
// of this folder.
const port = parentPort;
if (port === null) throw new Error('worker.ts runs in a worker thread; import @agent-cache/sqlite-tier instead');

const engine = new Engine(workerData as WorkerSettings, (bulletin: Bulletin) => port.postMessage(bulletin));
port.on('message', (calls: readonly Call[]) => engine.receive(calls));
