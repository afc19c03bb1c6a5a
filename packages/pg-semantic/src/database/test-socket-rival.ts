import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** The rival of the benchmark: the same engine in a thread, served in Postgres' own protocol. */
const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, path: workerData as string, maxConnections: 10 });
await server.start();
parentPort?.postMessage('open');
