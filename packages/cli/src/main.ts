import { type Command, type ExitCode, type Io, UsageError } from './io.ts';
import { prefixCommand } from './prefix-command.ts';
import { pricesCommand } from './prices-command.ts';
import { reportCommand } from './report-command.ts';

const commands: readonly Command[] = [pricesCommand, reportCommand, prefixCommand];

/**
 * The command line of agent-cache: `main(process.argv.slice(2), process)`. Never throws and never ends the process; the caller sets the
 * exit code it resolves with: 0 done, 1 the answer is no (unknown model, prices differ, a prefix broke), 2 the command could not be carried out.
 */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    io.stdout.write(overview());
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    io.stderr.write(`agent-cache: there is no command "${name}".\n\n${overview()}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.stdout.write(command.help);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    io.stderr.write(`agent-cache ${name}: ${messageOf(error)}\n`);
    if (isUsageError(error)) io.stderr.write(`Try: agent-cache ${name} --help\n`);
    return 2;
  }
}

function overview(): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`);
  return `agent-cache <command>\n\n${lines.join('\n')}\n\nagent-cache <command> --help shows its options.\n`;
}

/** Arguments that `util.parseArgs` refuses are the user's as well. */
function isUsageError(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
