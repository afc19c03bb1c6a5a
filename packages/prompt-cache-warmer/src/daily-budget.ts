const DAY_MS = 86_400_000;

/** What may be spent per UTC day. */
export interface DailyBudget {
  /** Whether so much can be spent now. */
  allows(usd: number): boolean;
  spend(usd: number): void;
  readonly spentTodayUsd: number;
}

export function createDailyBudget(budgetUsd: number, now: () => number): DailyBudget {
  let day = Number.NaN;
  let spent = 0;
  const today = (): number => {
    const current = Math.floor(now() / DAY_MS);
    if (current !== day) {
      day = current;
      spent = 0;
    }
    return spent;
  };
  return {
    allows: (usd) => today() + usd <= budgetUsd,
    spend: (usd) => {
      spent = today() + usd;
    },
    get spentTodayUsd() {
      return today();
    },
  };
}
