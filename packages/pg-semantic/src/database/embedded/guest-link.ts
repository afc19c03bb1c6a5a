import { createConnection, type Socket } from 'node:net';
import { PostgresError } from '../errors.ts';
import { frameReader, toFrame } from './frames.ts';
import { Link } from './link.ts';
import type { HeldLink } from './thread-link.ts';
import { type Goodbye, type Note, protocolVersion, type Reply } from './wire.ts';

/** An owner that does not greet in this time is closing, or frozen. */
const greetingMs = 5_000;

/** Connects to the process that owns the database; undefined when nobody answers there. */
export async function connectGuest(path: string): Promise<HeldLink | undefined> {
  const socket = createConnection(path);
  const closed = new Promise<undefined>((resolve) => socket.once('close', () => resolve(undefined)));
  // Errors end in a close, which is what counts.
  socket.on('error', () => undefined);
  const link = new Link({
    send: (request) => socket.write(toFrame(request)),
    hold: (alive) => (alive ? socket.ref() : socket.unref()),
    end: () => socket.end(),
  });
  void closed.then(() => link.lose());
  const greeting = await greetingOf(socket, link, closed);
  if (greeting === undefined) {
    socket.destroy();
    return undefined;
  }
  if (greeting !== protocolVersion) {
    socket.destroy();
    throw new PostgresError(
      'ERR_PG_SEMANTIC_DIRECTORY',
      `the process that owns the directory of ${path} speaks protocol ${greeting}, this one ${protocolVersion}; run the same version of @agent-cache/pg-semantic in all processes`,
    );
  }
  socket.unref();
  return {
    link,
    ended: closed,
    close: async () => {
      socket.ref();
      socket.end();
      await closed;
    },
  };
}

/** The version the owner speaks: its first message. All later ones are replies. */
async function greetingOf(socket: Socket, link: Link, closed: Promise<undefined>): Promise<number | undefined> {
  const { promise: greeting, resolve } = Promise.withResolvers<number | undefined>();
  let greeted = false;
  const read = frameReader((message) => {
    if (greeted) return link.receive(message as Reply | Note | Goodbye);
    greeted = true;
    resolve((message as { protocolVersion?: number }).protocolVersion ?? 0);
  });
  socket.on('data', (chunk) => {
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  });
  const silence = setTimeout(() => resolve(undefined), greetingMs);
  try {
    return await Promise.race([greeting, closed]);
  } finally {
    clearTimeout(silence);
  }
}
