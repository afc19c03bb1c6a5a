import { parseArgs } from 'node:util';
import { ReplayError } from '../errors.ts';
import { checkFixtures } from './check.ts';
import { diffFixtures } from './diff.ts';
import { listFixtures } from './list.ts';
import { pruneFixtures } from './prune.ts';
import { recordTests } from './record.ts';
import { showFixture } from './show.ts';

/** Where a command runs. */
export interface CommandContext {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  readonly now: () => number;
}

/** What was typed after the name of a command. */
interface CommandArguments {
  readonly words: readonly string[];
  readonly git: string | undefined;
  readonly maxAge: string | undefined;
  readonly dryRun: boolean;
  readonly testName: string | undefined;
}

/** Does its work and tells the exit code. */
export type Command = (given: CommandArguments, context: CommandContext) => Promise<number>;

const usage = `fixture-replay <command>

  list [folder]                  fixtures with age, model, steps, tokens, dollars
  show <fixture>                 the run as a person reads it
  diff <fixture> [other]         what changed: between two files, or since the last commit
       --git <revision>          … or since this revision
  check [folder]                 format, secrets, transcripts; exit code 1 when something is wrong
       --max-age <days>d         … and age
  prune                          removes fixtures that belong to no test; needs a complete run with the reporter
       --dry-run                 … or only lists them
  record -t <name>               records the tests of this name again
`;

const commands: Readonly<Record<string, Command>> = {
  list: listFixtures,
  show: showFixture,
  diff: diffFixtures,
  check: checkFixtures,
  prune: pruneFixtures,
  record: recordTests,
};

/** The command line. @returns the exit code: 0 well, 1 something was found, 2 it was not understood */
export async function runCommand(argv: readonly string[], context: CommandContext): Promise<number> {
  const [name = '', ...rest] = argv;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    context.print(usage);
    return ['', 'help', '--help', '-h'].includes(name) ? 0 : 2;
  }
  try {
    return await command(argumentsOf(rest), context);
  } catch (error) {
    // A stack is of no use to whoever typed the command.
    if (!ReplayError.isInstance(error) && !(error instanceof TypeError)) throw error;
    context.print(`${error.message}\n`);
    return 2;
  }
}

function argumentsOf(rest: readonly string[]): CommandArguments {
  const { values, positionals } = parseArgs({
    args: [...rest],
    allowPositionals: true,
    options: {
      git: { type: 'string' },
      'max-age': { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      testNamePattern: { type: 'string', short: 't' },
    },
  });
  return {
    words: positionals,
    git: values.git,
    maxAge: values['max-age'],
    dryRun: values['dry-run'],
    testName: values.testNamePattern,
  };
}
