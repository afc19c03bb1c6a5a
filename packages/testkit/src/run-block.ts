import { spawn } from 'node:child_process';

export interface BlockResult {
  readonly status: number | null;
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

/** Runs a program given as text, as a module that stands in `cwd`; resolves with its status and everything it printed. */
export function runProgram(code: string, { cwd, env = {}, nodeOptions = [] }: RunOptions): Promise<BlockResult> {
  const child = spawn(process.execPath, [...nodeOptions, '--input-type=module-typescript', '-'], {
    cwd,
    // NODE_OPTIONS of the test runner would reach the program as well and hide a missing build.
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    timeout: 60_000,
  });
  let output = '';
  const keep = (data: Buffer) => {
    output += data.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.end(code);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output }));
  });
}
