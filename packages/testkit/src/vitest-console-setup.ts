import { afterEach, beforeEach, expect } from 'vitest';

// Library code reports on diagnostics channels; a stray print in a package is a bug, so it fails the test that met it.
const methods = ['log', 'info', 'warn', 'error'] as const;
const original = Object.fromEntries(methods.map((name) => [name, console[name]]));
let printed: string[] = [];

beforeEach(() => {
  printed = [];
  for (const name of methods)
    console[name] = (...parts: unknown[]) => void printed.push(`console.${name}: ${parts.join(' ')}`);
});

afterEach(() => {
  Object.assign(console, original);
  expect(printed, 'nothing is printed to the console').toEqual([]);
});
