import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { findProgram } from './find-program.ts';
import { freePort, rawCommand, until } from './wire.ts';

/** A Redis or Valkey that tests may use. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly origin: 'REDIS_URL' | 'binary' | 'docker';
  stop(): Promise<void>;
}

/** One that tests may also hurt. */
export interface OwnRedisServer extends RedisServer {
  readonly pid: number;
  /** SIGSTOP: connections stay open and nothing answers */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** after `kill`: on the same port, empty */
  restart(): Promise<void>;
}

export interface SpawnOptions {
  /** on a port whose bus port is free too */
  readonly forCluster?: boolean;
  readonly args?: readonly string[];
  /** lines of a configuration file, as Sentinel needs one that it may write */
  readonly config?: readonly string[];
  readonly sentinel?: boolean;
}

const missing =
  'These tests need Redis or Valkey. Do one of these: set REDIS_URL; put redis-server or valkey-server on PATH (Debian: apt-get install redis-server, macOS: brew install redis) or name it in REDIS_SERVER_BINARY; start Docker. `pnpm test:unit` runs the tests that need no server.';

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server for all tests: the one REDIS_URL names, else one of our own, from PATH, Docker or, as root on Debian, apt. */
export async function obtainRedis(): Promise<RedisServer> {
  const url = process.env.REDIS_URL;
  if (url) return { url, port: Number(new URL(url).port || 6379), origin: 'REDIS_URL', stop: async () => undefined };
  if (installedBinary() !== undefined) return spawnRedis();
  if (dockerAnswers()) return dockerRedis();
  installWithApt();
  return spawnRedis();
}

/** Where the server's program is; installs it when that is possible. @throws Error that says what to install */
export function redisBinary(): string {
  const binary = installedBinary() ?? installWithApt();
  if (binary === undefined) throw new Error(missing);
  return binary;
}

function installedBinary(): string | undefined {
  return process.env.REDIS_SERVER_BINARY || findProgram('redis-server', 'valkey-server');
}

function installWithApt(): string | undefined {
  if (process.env.TESTKIT_APT === '0' || process.getuid?.() !== 0 || !findProgram('apt-get')) return undefined;
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  const patient = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  execFileSync('apt-get', ['update', ...patient], options);
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...patient, 'redis-server'], options);
  return installedBinary();
}

function dockerAnswers(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore', timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}

async function dockerRedis(): Promise<RedisServer> {
  const port = await freePort();
  const run = ['run', '-d', '--rm', '-p', `127.0.0.1:${port}:6379`, 'redis:7-alpine', 'redis-server', '--save', ''];
  const id = execFileSync('docker', run, { encoding: 'utf8' }).trim();
  await untilPong(port, 60_000);
  const stop = async (): Promise<void> => void execFileSync('docker', ['rm', '-f', id], { stdio: 'ignore' });
  return { url: `redis://127.0.0.1:${port}`, port, origin: 'docker', stop };
}

/** Starts a server that ends with this process, whatever ends that. */
export async function spawnRedis(options: SpawnOptions = {}): Promise<OwnRedisServer> {
  const binary = redisBinary();
  const directory = mkdtempSync(join(tmpdir(), 'testkit-redis-'));
  const first = await startSomewhere(binary, directory, options);
  const { port } = first;
  let { child } = first;
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
    running.delete(child);
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    origin: 'binary',
    get pid() {
      return child.pid ?? 0;
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: () => kill('SIGKILL'),
    restart: async () => {
      child = await start(binary, port, directory, options);
    },
    stop: async () => {
      await kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Somebody else may take a port between our look and the server's start. */
async function startSomewhere(
  binary: string,
  directory: string,
  options: SpawnOptions,
): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(options.forCluster);
    try {
      return { port, child: await start(binary, port, directory, options) };
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function start(binary: string, port: number, directory: string, options: SpawnOptions): Promise<ChildProcess> {
  const args = argumentsOf(port, directory, options);
  // A process group's end does not reach a server when its parent is killed; the kernel does. From a worker thread it would follow the thread.
  const guard = isMainThread && process.platform === 'linux' ? findProgram('setpriv') : undefined;
  const command = guard === undefined ? [binary, ...args] : [guard, '--pdeathsig', 'KILL', binary, ...args];
  const child = spawn(command[0] ?? binary, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let log = '';
  const keep = (chunk: Buffer): void => {
    log = (log + chunk.toString()).slice(-4_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.unref();
  try {
    await untilPong(port, 15_000, () => child.exitCode !== null);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${binary} did not start on port ${port}:\n${log}`, { cause: error });
  }
  return child;
}

function argumentsOf(port: number, directory: string, { args = [], config, sentinel = false }: SpawnOptions): string[] {
  const common = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--daemonize', 'no'];
  const file = config === undefined ? [] : [join(directory, 'server.conf')];
  if (config !== undefined) writeFileSync(join(directory, 'server.conf'), `${config.join('\n')}\n`);
  const kind = sentinel ? ['--sentinel'] : ['--save', '', '--appendonly', 'no'];
  return [...file, ...common, ...kind, ...args];
}

async function untilPong(port: number, withinMs: number, isOver: () => boolean = () => false): Promise<void> {
  const answers = async (): Promise<boolean> => {
    if (isOver()) return true;
    return (await rawCommand(port, 'PING')).startsWith('+PONG');
  };
  await until(`PONG from port ${port}`, answers, withinMs);
  if (isOver()) throw new Error('it ended');
}
