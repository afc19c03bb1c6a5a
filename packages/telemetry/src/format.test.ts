import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBytes, formatCount, formatMs, formatShare, formatSpan, formatUsd, shorten, usdOf } from './format.ts';

describe('formatUsd()', () => {
  test.each([
    [0n, '$0.00'],
    [1n, '$0.000000000001'],
    [150_000n, '$0.00000015'],
    [1_500_000n, '$0.0000015'],
    [12_345_678_900n, '$0.0123'],
    [500_000_000_000n, '$0.50'],
    [260_026_800_000n, '$0.260'],
    [999_900_000_000n, '$1.000'],
    [1_234_560_000_000_000n, '$1,234.56'],
    [12_345_678_000_000_000n, '$12,345'],
    [-12_345_678_900n, '-$0.0123'],
    [undefined, 'unknown'],
  ])('%s pico-dollars are %s', (picoUsd, text) => {
    expect(formatUsd(picoUsd)).toBe(text);
  });

  test('no amount but zero looks like zero', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 18n }), (picoUsd) => {
        expect(formatUsd(picoUsd)).toMatch(/[1-9]/);
      }),
    );
  });

  test('is within half a percent of the amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 16n }), (picoUsd) => {
        const shown = Number(formatUsd(picoUsd).replace(/[$,]/g, ''));
        expect(Math.abs(shown - usdOf(picoUsd)) / usdOf(picoUsd)).toBeLessThanOrEqual(0.005_01);
      }),
    );
  });
});

test.each([
  [undefined, '–'],
  [0, '<1 µs'],
  [0.0005, '<1 µs'],
  [0.0074, '7.40 µs'],
  [0.3, '300 µs'],
  [0.9996, '1.00 ms'],
  [12.34, '12.3 ms'],
  [999.7, '1.00 s'],
  [59_900, '59.9 s'],
  [61_000, '1 min 1 s'],
])('%s ms are %s', (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});

test.each([
  [0, '<1 µs'],
  [58_400, '58 s'],
  [60_000, '1 min'],
  [7_200_000 + 60_000, '2 h 1 min'],
  [187_200_000, '2 d 4 h'],
])('a span of %s ms is %s', (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});

test('a share that is there, or not whole, never rounds away', () => {
  expect([formatShare(1, 100_000), formatShare(99_999, 100_000), formatShare(0, 3), formatShare(3, 3)]).toEqual([
    '<0.1 %',
    '>99.9 %',
    '0.0 %',
    '100.0 %',
  ]);
  expect(formatShare(0, 0)).toBe('–');
});

test('counts and bytes have separators and units', () => {
  expect([formatCount(99_999_999), formatCount(123_456_789)]).toEqual(['99,999,999', '123.5M']);
  expect([formatBytes(1_023), formatBytes(20_000), formatBytes(5e12)]).toEqual(['1023 B', '19.5 KiB', '4.55 TiB']);
});

test('a shortened name keeps its ends, and no control character reaches the terminal', () => {
  expect(shorten('0123456789abcdef', 10)).toBe('012345…def');
  expect(shorten('a\u001b[31mb\nc', 20)).toBe('a\ufffd[31mb\ufffdc');
});
