#!/usr/bin/env node
import { runCommand } from './command/run.ts';

process.exitCode = await runCommand(process.argv.slice(2), {
  cwd: process.cwd(),
  environment: process.env,
  print: (text) => process.stdout.write(text),
  now: Date.now,
});
