/** Wilson's 95 % interval of a share. Nothing seen: 0 to 1. Counts may be weighted, so they need not be whole. */
export function wilson(part: number, whole: number): { readonly low: number; readonly high: number } {
  if (!(whole > 0)) return { low: 0, high: 1 };
  const z = 1.96;
  const share = part / whole;
  const centre = (share + (z * z) / (2 * whole)) / (1 + (z * z) / whole);
  const reach = (z / (1 + (z * z) / whole)) * Math.sqrt((share * (1 - share)) / whole + (z * z) / (4 * whole * whole));
  return { low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) };
}
