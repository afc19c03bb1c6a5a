import { seeded } from '@agent-cache/testkit/random';
import { describe, expect, it } from 'vitest';
import { HitWatch } from './hit-watch.ts';

describe('HitWatch', () => {
  it('claims nothing before the first label', () => {
    expect(new HitWatch(0.02).estimate()).toEqual({ rate: 0, low: 0, high: 1, labels: 0, breaker: 'closed' });
  });

  it('expects of all hits what it expected of the first ones', () => {
    const watch = new HitWatch(0.02);
    watch.served(0.02);
    expect(watch.estimate().rate).toBeCloseTo(0.02);
    for (let i = 0; i < 1_000; i += 1) watch.served(0.02);
    expect(watch.estimate().rate).toBeCloseTo(0.02);
  });

  it('is rarely moved while labels are wrong as often as expected', () => {
    const random = seeded(3);
    const watch = new HitWatch(0.02);
    let open = 0;
    for (let i = 0; i < 5_000; i += 1) {
      const chance = random() * 0.4;
      watch.observe(random() < chance, chance);
      if (watch.breaker !== 'closed') open += 1;
    }
    expect(open / 5_000).toBeLessThan(0.25);
  });

  it('reacts when one sure answer in ten became wrong, stops when the rate is above the bound, and comes back', () => {
    const random = seeded(4);
    const watch = new HitWatch(0.02);
    const states = new Set<string>();
    for (let i = 0; i < 300; i += 1) {
      watch.observe(random() < 0.15, 0.02);
      states.add(watch.breaker);
    }
    expect(states).toContain('tightened');
    expect(watch.estimate().breaker).toBe('stopped');
    expect(watch.estimate().rate).toBeGreaterThan(0.08);
    for (let i = 0; i < 600; i += 1) watch.observe(false, 0.02);
    expect(watch.estimate()).toMatchObject({ breaker: 'closed' });
    expect(watch.estimate().rate).toBeLessThan(0.02);
  });

  it('ignores labels of questions that nobody would have served', () => {
    const watch = new HitWatch(0.02);
    for (let i = 0; i < 100; i += 1) watch.observe(true, 0.9);
    watch.observe(true, Number.NaN);
    expect(watch.estimate()).toMatchObject({ labels: 0, breaker: 'closed' });
  });

  it('rests on at most 300 labels of the newest 1,000', () => {
    const watch = new HitWatch(0.02);
    for (let i = 0; i < 500; i += 1) watch.observe(false, 0.1);
    expect(watch.estimate().labels).toBeLessThanOrEqual(301);
    for (let i = 0; i < 2_000; i += 1) watch.observe(true, 0.9);
    expect(watch.estimate().labels).toBe(0);
  });
});
