import { randomUUID } from 'node:crypto';
import type { Argument } from './client.ts';
import type { KeyLayout } from './key-layout.ts';
import type { TierSettings } from './options.ts';
import type { Script } from './scripts/script.ts';
import { evaluate, type Server } from './server.ts';

/** What the parts of one tier share. */
export class Site {
  readonly settings: TierSettings;
  readonly layout: KeyLayout;
  readonly server: Server;
  /** this instance, as it signs its messages */
  readonly source: string;
  readonly #gate: () => Promise<void> | undefined;

  constructor(
    parts: {
      readonly settings: TierSettings;
      readonly layout: KeyLayout;
      readonly server: Server;
      readonly source: string;
    },
    gate: () => Promise<void> | undefined,
  ) {
    this.settings = parts.settings;
    this.layout = parts.layout;
    this.server = parts.server;
    this.source = parts.source;
    this.#gate = gate;
  }

  /** At the very start calls wait until changes are heard: what is read before that could be outdated without anybody knowing. */
  run(command: string, args: Argument[]): Promise<unknown> {
    const gate = this.#gate();
    return gate === undefined ? this.server.run(command, args) : gate.then(() => this.server.run(command, args));
  }

  /** A script on the keys that belong to one cache key. */
  onKey(script: Script, key: string, args: readonly Argument[]): Promise<unknown> {
    const { layout } = this;
    const keys = [layout.value(key), layout.lease(key), layout.fence(key)];
    if (!this.server.isCluster) keys.push(layout.authority);
    return this.#evaluate(script, keys, () => [
      this.settings.now(),
      this.server.runId,
      randomUUID(),
      layout.bus,
      ...args,
    ]);
  }

  /** A script on the sequence of invalidations. */
  onAuthority(script: Script, args: readonly Argument[]): Promise<unknown> {
    return this.#evaluate(script, [this.layout.authority], () => [this.server.runId, randomUUID(), ...args]);
  }

  /** Any other script. */
  on(keys: readonly string[], script: Script, args: readonly Argument[]): Promise<unknown> {
    return this.#evaluate(script, keys, () => args);
  }

  async #evaluate(script: Script, keys: readonly string[], args: () => readonly Argument[]): Promise<unknown> {
    await this.#gate();
    return evaluate(this.server, script, keys, args());
  }
}
