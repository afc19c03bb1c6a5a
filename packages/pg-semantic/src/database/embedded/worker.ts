import { parentPort, workerData } from 'node:worker_threads';
import { openEngine } from './engine.ts';
import type { EngineSettings, Request } from './wire.ts';

// Runs in a thread of its own, started from the TypeScript source or from the build: it may import nothing of the workspace's packages.
const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread; import @agent-cache/pg-semantic instead');

const engine = await openEngine(workerData as EngineSettings, () => process.exit(1));
port.on('message', (request: Request | 'close') => {
  if (request === 'close') void engine.close().finally(() => process.exit(0));
  else void engine.answer(port, request).then((reply) => port.postMessage(reply));
});
port.postMessage('open');
