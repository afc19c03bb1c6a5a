import { InvalidPriceError } from './errors.ts';

/**
 * Decimal places kept of a price. A price is the decimal that was written: 0.1375 is 1375 / 10^4, not the binary number next to it, so
 * 24 places hold every number of 17 digits down to 10^-7 exactly.
 */
export const decimalPlaces = 24;

const remembered = new Map<number, bigint>();
const maxRemembered = 2_048;

/** `value` × 10^24, exactly. @throws InvalidPriceError naming `field` when it is negative, not finite or has more decimals. */
export function scaledDecimal(value: number, field: string): bigint {
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const scaled = parseDecimal(value, field);
  if (remembered.size < maxRemembered) remembered.set(value, scaled);
  return scaled;
}

function parseDecimal(value: number, field: string): bigint {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new InvalidPriceError(field, value, 'must be a finite number of at least 0');
  }
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const zeros = decimalPlaces - fraction.length + Number(exponent);
  if (zeros < 0) throw new InvalidPriceError(field, value, `has more than ${decimalPlaces} decimal places`);
  return BigInt(whole + fraction + '0'.repeat(zeros));
}

/** `dividend / divisor` for positive numbers, rounded to the nearest integer, a half to the even one. */
export function roundHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}
