import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The folder that holds pnpm-workspace.yaml. */
export const root: string = join(import.meta.dirname, '../../..');

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Every package and app of the workspace. */
export function workspacePackages(): readonly WorkspacePackage[] {
  return globSync('{packages,apps}/*/package.json', { cwd: root })
    .sort()
    .map((file) => ({
      folder: join(root, dirname(file)),
      manifest: JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest,
    }));
}

export interface CodeBlock {
  /** where it stands: `packages/lru-mem/README.md:12` */
  readonly at: string;
  /** the package the block runs in */
  readonly folder: string;
  readonly code: string;
}

/** The TypeScript blocks of a Markdown file, in order. */
export function typeScriptBlocks(file: string): readonly CodeBlock[] {
  const text = readFileSync(join(root, file), 'utf8');
  // The root README speaks for the front door, so its programs run there.
  const folder = join(root, file === 'README.md' ? 'packages/agent-cache' : dirname(file));
  return [...text.matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```$/gm)].map((match) => ({
    at: `${file}:${text.slice(0, match.index).split('\n').length}`,
    folder,
    code: match[1] ?? '',
  }));
}

/** README files of the workspace, the root's first. */
export function readmes(): readonly string[] {
  return ['README.md', ...globSync('{packages,apps}/*/README.md', { cwd: root }).sort()].filter(
    (file) => basename(file) === 'README.md',
  );
}
