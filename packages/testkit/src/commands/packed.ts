/**
 * Packs every publishable package, installs each tarball alone into an empty project, imports its entry points and runs the first program of
 * its README on the built code. Prints what was packed and how much was installed; exits 1 when anything fails. Build first.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { providerEnvironment } from '../provider-environment.ts';
import { runProgram } from '../run-block.ts';
import { type Manifest, root, typeScriptBlocks, type WorkspacePackage, workspacePackages } from '../workspace.ts';

const scratch = mkdtempSync(join(tmpdir(), 'packed-'));
const pnpm = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string })
  .packageManager;
const publishable = workspacePackages().filter(({ manifest }) => !manifest.private);

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function pack({ folder, manifest }: WorkspacePackage): string {
  run('npx', ['-y', pnpm, 'pack', '--pack-destination', scratch], folder);
  return join(scratch, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`);
}

function bytesUnder(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

/** Packages a README program imports beside its own: SDK clients, and the tiers that its install line names. */
function broughtBy(
  code: string,
  { name: own, devDependencies = {} }: Manifest,
  folder: string,
): Record<string, string> {
  const imported = [...code.matchAll(/from ['"]((?:@[^/'"]+\/)?[^/'"]+)[^'"]*['"]/g)].map((match) => match[1] ?? '');
  const wanted = imported.filter((name) => name !== own && name in devDependencies);
  const version = (name: string) =>
    (JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as Manifest).version;
  return Object.fromEntries(wanted.map((name) => [name, version(name)]));
}

function install(name: string, tarballs: ReadonlyMap<string, string>, brought: Record<string, string>): string {
  const project = join(scratch, 'projects', name.replace('/', '-'));
  mkdirSync(project, { recursive: true });
  const local = Object.fromEntries([...tarballs].map(([key, file]) => [key, `file:${file}`]));
  const siblings = [...Object.keys(brought), name].filter((key) => key in local);
  const dependencies = { ...brought, ...Object.fromEntries(siblings.map((key) => [key, local[key]])) };
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module', dependencies }),
  );
  // Siblings of the same release are not published yet, so they come from their tarballs as well.
  const overrides = Object.entries(local).map(([key, file]) => `  "${key}": "${file}"`);
  writeFileSync(
    join(project, 'pnpm-workspace.yaml'),
    ['nodeLinker: hoisted', 'overrides:', ...overrides, ''].join('\n'),
  );
  run('npx', ['-y', pnpm, 'install', '--no-frozen-lockfile', '--prefer-offline', '--ignore-scripts'], project);
  return project;
}

/** Every entry point, but those that are named after an optional peer (`./vitest`): they are for people who have it. */
const importAll = ({ name, exports = {}, peerDependencies = {} }: Manifest): string =>
  Object.keys(exports)
    .filter((path) => path !== './package.json' && !Object.keys(peerDependencies).some((peer) => path.includes(peer)))
    .map((path) => `await import(${JSON.stringify(name + path.slice(1))});`)
    .join('\n');

async function check(
  { manifest, folder }: WorkspacePackage,
  tarballs: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string>>,
): Promise<{ row: Record<string, string | number>; failed: boolean }> {
  const started = performance.now();
  const [example] = typeScriptBlocks(join(relative(root, folder), 'README.md'));
  const alone = install(manifest.name, tarballs, {});
  const installed = bytesUnder(join(alone, 'node_modules'));
  const imports = await runProgram(importAll(manifest), { cwd: alone });
  const brought = broughtBy(example?.code ?? '', manifest, folder);
  const project = Object.keys(brought).length > 0 ? install(manifest.name, tarballs, brought) : alone;
  const ran = await runProgram(example?.code ?? 'throw new Error("no TypeScript program in the README")', {
    cwd: project,
    env,
  });
  const failed = imports.status !== 0 || ran.status !== 0;
  if (failed) process.stderr.write(`${manifest.name}\n${imports.output}\n${ran.output}\n`);
  const kilobytes = (bytes: number) => Math.round(bytes / 1024);
  const row = {
    package: manifest.name,
    'tarball KB': kilobytes(statSync(tarballs.get(manifest.name) ?? '').size),
    'installed KB': kilobytes(installed),
    imports: imports.status === 0 ? 'ok' : 'FAILED',
    example: ran.status === 0 ? 'ok' : 'FAILED',
    seconds: ((performance.now() - started) / 1000).toFixed(1),
  };
  return { row, failed };
}

const provider = await providerEnvironment();
const tarballs = new Map(publishable.map((one) => [one.manifest.name, pack(one)]));
const results: Awaited<ReturnType<typeof check>>[] = [];
for (const one of publishable) {
  process.stderr.write(`packed: ${one.manifest.name}\n`);
  results.push(await check(one, tarballs, provider.env));
}
console.table(results.map(({ row }) => row));
await provider.close();
rmSync(scratch, { recursive: true, force: true });
process.exitCode = results.some(({ failed }) => failed) ? 1 : 0;
