import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const host = '127.0.0.1';

/** A port nobody listens on now, below `under` when given. */
export async function freePort(under = 65_536): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(under < 65_536 ? 20_000 + Math.floor(Math.random() * 25_000) : 0, host, () => {
        const address = server.address();
        server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : resolve(under)));
      });
    }).catch(() => under);
    if (port < under) return port;
  }
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
