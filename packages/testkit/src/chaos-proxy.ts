import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on loopback whose link can be hurt while connections are open. */
export interface ChaosProxy {
  readonly port: number;
  /** added to whatever passes, each way */
  latencyMs: number;
  /** connections that are open through it now */
  readonly connections: number;
  /** Nothing passes any more and nobody is told: a black hole. Without an argument all connections, new ones too. */
  freeze(which?: (connection: ProxiedConnection) => boolean): void;
  thaw(): void;
  /** RST to both sides of open connections. */
  reset(which?: (connection: ProxiedConnection) => boolean): void;
  /** The next reply is cut in its middle, and its connection reset. */
  resetInReply(): void;
  /** New connections are reset until `accept()`; open ones at once. */
  refuse(): void;
  accept(): void;
  stop(): Promise<void>;
}

/** What a test can tell connections apart by. */
export interface ProxiedConnection {
  /** everything the client sent in its first messages */
  readonly greeting: string;
}

interface Link extends ProxiedConnection {
  greeting: string;
  readonly sockets: readonly [client: Socket, server: Socket];
  frozen: boolean;
  /** what could not pass while it was frozen */
  readonly held: (() => void)[];
}

/** Starts a proxy in front of a port. */
export async function chaosProxy(targetPort: number): Promise<ChaosProxy> {
  const links = new Set<Link>();
  let allFrozen = false;
  let refusing = false;
  let cutNextReply = false;
  const server = createServer({ noDelay: true }, accept);
  await listening(server);
  const address = server.address();
  const proxy: ChaosProxy = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    latencyMs: 0,
    get connections() {
      return links.size;
    },
    freeze(which) {
      if (which === undefined) allFrozen = true;
      for (const link of links) if (which?.(link) ?? true) link.frozen = true;
    },
    thaw() {
      allFrozen = false;
      for (const link of links) {
        link.frozen = false;
        for (const pass of link.held.splice(0)) pass();
      }
    },
    reset(which) {
      for (const link of links) if (which?.(link) ?? true) for (const socket of link.sockets) socket.resetAndDestroy();
    },
    resetInReply() {
      cutNextReply = true;
    },
    refuse() {
      refusing = true;
      this.reset();
    },
    accept() {
      refusing = false;
    },
    async stop() {
      this.reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;

  function accept(client: Socket): void {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    const link: Link = { greeting: '', sockets: [client, upstream], frozen: allFrozen, held: [] };
    links.add(link);
    client.on('data', (chunk) => {
      if (link.greeting.length < 1_000) link.greeting += chunk.toString('latin1');
    });
    forward(link, client, upstream, false);
    forward(link, upstream, client, true);
    for (const socket of link.sockets) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        links.delete(link);
        for (const other of link.sockets) other.destroy();
      });
    }
  }

  function forward(link: Link, from: Socket, to: Socket, isReply: boolean): void {
    let lastDue = 0;
    const waiting: (() => void)[] = [];
    from.on('data', (chunk) => {
      const pass = (): void => {
        if (to.destroyed) return;
        if (!isReply || !cutNextReply || chunk.length < 2) to.write(chunk);
        else {
          cutNextReply = false;
          to.write(chunk.subarray(0, chunk.length >> 1), () => {
            for (const socket of link.sockets) socket.resetAndDestroy();
          });
        }
      };
      const arrive = (): void => {
        if (link.frozen) link.held.push(pass);
        else pass();
      };
      // Bytes never overtake each other, also when the latency shrinks.
      const now = performance.now();
      lastDue = Math.max(lastDue, now + proxy.latencyMs);
      if (lastDue > now || waiting.length > 0) {
        waiting.push(arrive);
        setTimeout(() => waiting.shift()?.(), Math.max(0, lastDue - now));
      } else arrive();
    });
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}
