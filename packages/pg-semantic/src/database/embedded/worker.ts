import { parentPort, workerData } from 'node:worker_threads';
import { openEngine } from './engine.ts';
import { serve } from './serve.ts';
import type { EngineSettings, Note, Request } from './wire.ts';

// Runs in a thread of its own, started from the TypeScript source or from the build: it may import nothing of the workspace's packages.
const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread; import @agent-cache/pg-semantic instead');

const settings = workerData as EngineSettings;
const engine = await openEngine(settings, () => process.exit(1));
const service = settings.socket === undefined ? undefined : await serve(engine, settings.socket);

async function close(): Promise<void> {
  await service?.close();
  await engine.close();
}

const owner = { hear: (note: Note): void => port.postMessage(note) };
port.on('message', (request: Request | 'close') => {
  if (request === 'close') void close().finally(() => process.exit(0));
  else void engine.answer(owner, request).then((reply) => port.postMessage(reply));
});
port.postMessage('open');
