/** What a provider's prompt cache holds: prefixes of prompts, by digest, each with a life that every read renews. */
export interface PrefixStore {
  /** Whether the prefix is alive. */
  has(digest: string): boolean;
  /** Starts a new life for a prefix that is alive; a dead one stays dead. */
  renew(digest: string): void;
  /** Stores a prefix for `lifeMs`; one that is alive keeps the longer of its lives. */
  write(digest: string, lifeMs: number): void;
  clear(): void;
}

/** A store of prefixes on the given clock. */
export function createPrefixStore(now: () => number): PrefixStore {
  const lives = new Map<string, { expiresAt: number; lifeMs: number }>();
  const alive = (digest: string): { expiresAt: number; lifeMs: number } | undefined => {
    const life = lives.get(digest);
    if (life && life.expiresAt > now()) return life;
    lives.delete(digest);
    return undefined;
  };
  return {
    has: (digest) => alive(digest) !== undefined,
    renew: (digest) => {
      const life = alive(digest);
      if (life) life.expiresAt = now() + life.lifeMs;
    },
    write: (digest, lifeMs) => {
      const longest = Math.max(lifeMs, alive(digest)?.lifeMs ?? 0);
      lives.set(digest, { expiresAt: now() + longest, lifeMs: longest });
    },
    clear: () => lives.clear(),
  };
}
