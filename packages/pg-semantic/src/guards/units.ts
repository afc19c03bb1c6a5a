/** What is counted or measured. A word can name more than one: `pounds` are money or a weight. */
export interface Unit {
  readonly names: readonly string[];
  /** `money`, `time`, …: what is measured in it */
  readonly kinds: readonly string[];
  /** of lengths of time: how many seconds or, as these have no fixed length, months it has */
  readonly length?: readonly [count: number, of: 'second' | 'month'];
}

/** Each unit by all its names, those of one kind in a line. */
const table = {
  money: `usd; eur euro euros €; gbp quid sterling £; jpy yen; cny rmb yuan renminbi; inr rupee rupees ₹; chf franc francs; cad; aud; nzd; hkd; sgd;
    sek; nok; dkk; pln zloty; czk; huf forint; zar rand; brl; mxn; krw; thb baht; idr rupiah; rub ruble rubles; ils shekel shekels; aed dirham`,
  share: '% percent pct percentage',
  length: `km kilometer kilometers kilometre kilometres kms; mi mile miles; m meter meters metre metres;
    cm centimeter centimeters centimetre centimetres; mm millimeter millimeters millimetre millimetres; ft foot feet; inch inches;
    yd yard yards`,
  weight: `kg kilo kilos kilogram kilograms kgs; g gram grams; mg milligram milligrams; lb lbs; oz ounce ounces; stone stones; ton tons tonne
    tonnes`,
  volume:
    'l liter liters litre litres; ml milliliter milliliters millilitre millilitres; gal gallon gallons; pint pints',
  time: `second s seconds sec secs; minute min minutes mins; hour h hours hr hrs hourly; day days daily; week weeks weekly; fortnight fortnights
    fortnightly biweekly; weekend weekends; month months monthly; quarterly; year years yr yrs yearly annual annually; decade decades;
    century centuries; ms millisecond milliseconds`,
  data: 'kb kilobyte kilobytes; mb megabyte megabytes; gb gigabyte gigabytes; tb terabyte terabytes',
  warmth: 'c celsius centigrade; f fahrenheit; k kelvin',
  power: 'kwh; kw; w watt watts; v volt volts',
  speed: 'mph; kmh',
  rate: 'hz; mhz; ghz',
  energy: 'calories calorie kcal',
  times: 'times x',
  cents: 'cent cents',
};

/** Words for any of several units. */
const vague = {
  'dollar dollars buck bucks $': 'usd cad aud nzd hkd sgd',
  '¥': 'jpy cny',
  'pound pounds': 'gbp lb',
  'kr krona kronor krone kroner': 'sek nok dkk',
  'degree degrees': 'c f',
};

const lengths = new Map<string, readonly [number, 'second' | 'month']>([
  ['ms', [0.001, 'second']],
  ['second', [1, 'second']],
  ['minute', [60, 'second']],
  ['hour', [3_600, 'second']],
  ['day', [86_400, 'second']],
  ['week', [604_800, 'second']],
  ['fortnight', [1_209_600, 'second']],
  ['month', [1, 'month']],
  ['quarterly', [3, 'month']],
  ['year', [12, 'month']],
  ['decade', [120, 'month']],
  ['century', [1_200, 'month']],
]);

const units = new Map<string, Unit>();
for (const [kind, line] of Object.entries(table)) {
  for (const names of line.split(';').map((list) => list.trim().split(/\s+/))) {
    const [name = ''] = names;
    const length = lengths.get(name);
    for (const word of names) units.set(word, { names: [name], kinds: [kind], ...(length && { length }) });
  }
}
for (const [words, meant] of Object.entries(vague)) {
  const names = meant.split(' ');
  const kinds = [...new Set(names.flatMap((name) => units.get(name)?.kinds ?? []))];
  for (const word of words.split(' ')) units.set(word, { names, kinds });
}

/** A unit of the whole world's dollars. */
const nations = new Map([
  ['us', 'usd'],
  ['american', 'usd'],
  ['canadian', 'cad'],
  ['australian', 'aud'],
  ['british', 'gbp'],
  ['swedish', 'sek'],
  ['norwegian', 'nok'],
  ['danish', 'dkk'],
]);

/** The unit a word names. */
export function unitOf(word: string): Unit | undefined {
  return units.get(word);
}

/** The unit that begins at a place, and the place after it: `dollars`, `canadian dollars`. */
export function readUnit(tokens: readonly string[], at: number): { unit: Unit; end: number } | undefined {
  const unit = units.get(tokens[at] ?? '');
  if (unit !== undefined) return { unit, end: at + 1 };
  const code = nations.get(tokens[at] ?? '') ?? '';
  const [wide, narrow] = [units.get(tokens[at + 1] ?? ''), units.get(code)];
  return narrow !== undefined && wide?.names.includes(code) === true ? { unit: narrow, end: at + 2 } : undefined;
}

export function isMoney(unit: Unit | undefined): boolean {
  return unit?.kinds.includes('money') === true;
}

/** Words that mean more than a unit when no number is before them, and letters. */
const unsureAlone = new Set('min sec ms mi mm oz second stone stones yard yards degree degrees times foot'.split(' '));

/** Units that say something without a number: `the fee per month`, `weekly`, `in euros`. */
export const unitsAlone: ReadonlySet<string> = new Set(
  [...units.keys()].filter((word) => word.length > 1 && !unsureAlone.has(word)),
);
