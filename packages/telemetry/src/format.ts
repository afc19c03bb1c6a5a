const PICO = 1_000_000_000_000n;
/** Below one dollar, this many digits say enough. */
const SIGNIFICANT_DIGITS = 3;
const WHOLE_DOLLARS_FROM = 10_000n * PICO;
const NOT_MEASURED = '–';

/** US dollars as a number, for charts and JSON; sums belong in pico-dollars. */
export function usdOf(picoUsd: bigint): number {
  return Number(picoUsd) / Number(PICO);
}

/**
 * Pico-dollars for reading: whole dollars from $10,000, cents from one dollar up (`$1,234.56`), three significant digits below (`$0.0123`,
 * `$0.0000015`; fewer when they are exact: `$0.50`), so that no amount but zero looks like zero. An unknown amount is the word `unknown`.
 */
export function formatUsd(picoUsd: bigint | undefined): string {
  if (picoUsd === undefined) return 'unknown';
  if (picoUsd < 0n) return `-${formatUsd(-picoUsd)}`;
  if (picoUsd >= WHOLE_DOLLARS_FROM) return `$${formatCount(Number(picoUsd / PICO))}`;
  const decimals = picoUsd >= PICO ? 2 : decimalsBelowOne(picoUsd);
  const step = 10n ** BigInt(12 - decimals);
  const rounded = ((picoUsd + step / 2n) / step) * step;
  const fraction = String(rounded % PICO)
    .padStart(12, '0')
    .slice(0, decimals);
  return `$${(rounded / PICO).toLocaleString('en-US')}.${rounded === picoUsd ? trimZeros(fraction) : fraction}`;
}

function decimalsBelowOne(picoUsd: bigint): number {
  if (picoUsd === 0n) return 2;
  const leadingZeros = 12 - String(picoUsd).length;
  return Math.min(12, leadingZeros + SIGNIFICANT_DIGITS);
}

function trimZeros(fraction: string): string {
  return fraction.replace(/0+$/, '').padEnd(2, '0');
}

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 4 });

/** `12,345,678`; from a hundred million up four digits: `123.4M`. */
export function formatCount(count: number): string {
  return count < 1e8 ? count.toLocaleString('en-US') : compact.format(count);
}

/** `81.2 %`; a share that is there but rounds to nothing, or is not all but rounds to it, is not shown as such. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return NOT_MEASURED;
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.05) return '<0.1 %';
  if (percent < 100 && percent >= 99.95) return '>99.9 %';
  return `${percent.toFixed(1)} %`;
}

export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return NOT_MEASURED;
  if (ms < 0.001) return '<1 µs';
  if (ms < 0.9995) return `${threeDigits(ms * 1_000)} µs`;
  if (ms < 999.5) return `${threeDigits(ms)} ms`;
  return ms < 59_950 ? `${threeDigits(ms / 1_000)} s` : formatSpan(ms);
}

/** A stretch of time in its two largest units: `58 s`, `12 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const units: readonly [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return formatMs(ms);
  let rest = seconds;
  const parts: string[] = [];
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ');
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1_024 && unit < units.length - 1) {
    size /= 1_024;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${threeDigits(size)} ${units[unit]}`;
}

/** A long opaque name, a tenant's digest above all, is known by its ends. Names are data: control characters must not reach a terminal. */
export function shorten(rawName: string, width: number): string {
  const name = rawName.replace(/\p{C}/gu, '\ufffd');
  if (name.length <= width) return name;
  const tail = Math.floor((width - 1) / 3);
  return `${name.slice(0, width - 1 - tail)}…${name.slice(-tail)}`;
}

function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
