import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { main } from './main.ts';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const bin = fileURLToPath(new URL('bin.ts', import.meta.url));

/** Runs the command in this process, which is quick. */
export async function command(...argv: readonly string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const code = await main(argv, { stdout: into('stdout'), stderr: into('stderr') });
  return { code, ...written };
}

/** Runs the command as a user does, in a process of its own. */
export function spawnedCommand(...argv: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...argv], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** A directory that goes with its test. */
export async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'agent-cache-cli-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export async function file(name: string, content: unknown): Promise<string> {
  const path = join(await directory(), name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
