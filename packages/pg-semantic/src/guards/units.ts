const units = new Map<string, string>();
for (const line of `usd dollar dollars bucks buck; eur euro euros; gbp quid sterling; jpy yen; inr rupee rupees; chf; cents cent;
  % percent pct percentage; km kilometer kilometers kilometre kilometres kms; mi mile miles; m meter meters metre metres;
  cm centimeter centimeters centimetre centimetres; mm millimeter millimeters millimetre millimetres; ft foot feet; in. inch inches;
  yd yard yards; kg kilo kilos kilogram kilograms kgs; g gram grams; mg milligram milligrams; lb lbs; oz ounce ounces;
  l liter liters litre litres; ml milliliter milliliters millilitre millilitres; gal gallon gallons;
  h hour hours hr hrs; min minute minutes mins; s second seconds sec secs; ms millisecond milliseconds; day days; week weeks;
  month months; year years yr yrs; kb kilobyte kilobytes; mb megabyte megabytes; gb gigabyte gigabytes; tb terabyte terabytes;
  c celsius; f fahrenheit; kwh; kw; mph; kmh; hz; mhz; ghz; calories calorie kcal; degrees degree`
  .replace(/\s+/g, ' ')
  .split(';')) {
  const names = line.trim().split(' ');
  for (const name of names) units.set(name, names[0] ?? name);
}

/** The short name of a unit, or nothing. */
export function unitOf(word: string): string {
  return units.get(word) ?? '';
}
