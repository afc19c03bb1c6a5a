import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Engine } from './engine.ts';
import { frameReader, toFrame } from './frames.ts';
import { protocolVersion, type Request } from './wire.ts';

/** How long guests may take to hear the rest of their answers. */
const goodbyeMs = 5_000;

/** Serves an engine to other processes of this user. */
export interface Service {
  /** After this no new requests come, and those that came are answered. */
  close(): Promise<void>;
}

export async function serve(engine: Engine, path: string): Promise<Service> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveOne(engine, socket);
  });
  await listen(server, path);
  return {
    close: async () => {
      // Resolves when the last guest has gone.
      const gone = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.write(toFrame({ goodbye: true }));
      const patience = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, goodbyeMs);
      await gone;
      clearTimeout(patience);
      await engine.idle();
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  const isFile = !path.startsWith('\\\\');
  // Left by an owner that was killed: whoever gets here holds the directory's claim.
  if (isFile) rmSync(path, { force: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(path, resolve);
  await promise;
  if (isFile) chmodSync(path, 0o600);
}

function serveOne(engine: Engine, socket: Socket): void {
  const send = (message: unknown): void => {
    if (!socket.destroyed) socket.write(toFrame(message));
  };
  const guest = { hear: send };
  const read = frameReader((message) => {
    // Only processes of the same user and the same version of this protocol get here.
    void engine.answer(guest, message as Request).then(send);
  });
  socket.on('data', (chunk) => {
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => void engine.forget(guest));
  send({ protocolVersion });
}
