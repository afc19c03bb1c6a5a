import { resolve } from 'node:path';
import { ReplayError } from '../errors.ts';
import { findFixtures } from '../find-fixtures.ts';
import { readFixture } from '../fixture-file.ts';
import type { Fixture } from '../fixture-format.ts';

/** A fixture file, read; or why it cannot be. */
export interface FoundFixture {
  readonly path: string;
  readonly fixture: Fixture | undefined;
  readonly problem: string | undefined;
}

export async function readAll(folder: string): Promise<FoundFixture[]> {
  const found: FoundFixture[] = [];
  for (const path of await findFixtures(folder)) {
    try {
      found.push({ path, fixture: await readFixture(resolve(folder, path)), problem: undefined });
    } catch (error) {
      if (!ReplayError.isInstance(error)) throw error;
      found.push({ path, fixture: undefined, problem: error.message });
    }
  }
  return found;
}

/** @throws TypeError when there is no such file */
export async function readGiven(file: string): Promise<Fixture> {
  const fixture = await readFixture(file);
  if (!fixture) throw new TypeError(`There is no fixture ${file}.`);
  return fixture;
}

/** Whole days from a day such as `2026-11-21` to now. */
export function daysSince(day: string, now: number): number {
  return Math.floor((now - Date.parse(day)) / 86_400_000);
}
