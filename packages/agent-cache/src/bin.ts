#!/usr/bin/env node
// The command lives in a package of its own, so that a program that only imports the cache never loads it.
import { main } from '@agent-cache/cli';

process.exitCode = await main(process.argv.slice(2), process);
