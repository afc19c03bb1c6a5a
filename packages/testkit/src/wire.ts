import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const host = '127.0.0.1';

const given = new Set<number>();

/** A port nobody listens on now and nobody was given before. A Cluster needs one below 55,536: its bus listens 10,000 above, which must be free too. */
export async function freePort(forCluster = false): Promise<number> {
  for (;;) {
    const port = forCluster ? 15_000 + Math.floor(Math.random() * 30_000) : await bound(0);
    if (port === undefined || given.has(port)) continue;
    if (forCluster && ((await bound(port)) === undefined || (await bound(port + 10_000)) === undefined)) continue;
    given.add(port);
    return port;
  }
}

/** The port when it could be listened on; 0 takes any. */
function bound(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

/** One command over a connection of its own; the reply as it came over the wire. Rejects with an error reply. */
export function rawCommand(port: number, ...command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    let reply = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no reply to ${command.join(' ')} from port ${port}`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`port ${port} closed the connection`)));
    socket.once('connect', () => socket.write(`*${command.length}\r\n${parts.join('')}`));
    socket.on('data', (chunk) => {
      reply += chunk.toString();
      if (!isWhole(reply)) return;
      socket.destroy();
      if (reply.startsWith('-')) reject(new Error(reply.slice(1).trim()));
      else resolve(reply);
    });
  });
}

/** Enough for the simple and bulk replies that tests ask for. */
function isWhole(reply: string): boolean {
  const bulk = /^\$(-?\d+)\r\n/.exec(reply);
  if (bulk === null) return reply.endsWith('\r\n');
  const length = Number(bulk[1]);
  return length < 0 || Buffer.byteLength(reply) >= bulk[0].length + length + 2;
}

/** Asks again until `probe` answers true; probes that reject count as false. */
export async function until(what: string, probe: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await probe().catch(() => false))) {
    if (performance.now() > giveUpAt) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await delay(10);
  }
}
