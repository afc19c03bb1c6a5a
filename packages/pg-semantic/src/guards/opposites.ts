import { stemOf } from '../text/stem.ts';

/** Everyday opposites by field, each `these / against those`. Any word of one side is opposed to any of the other. */
const lexicon = `
  big large huge giant / small little tiny
  long lengthy / short brief
  tall / short
  high higher highest / low lower lowest
  deep / shallow
  wide broad / narrow
  thick / thin
  fat / thin slim skinny
  heavy / light lightweight
  near close closest nearest / far farthest distant
  fast faster quick quickly rapid / slow slower slowly
  early earlier earliest / late later latest
  old older oldest / new newer newest young younger youngest
  ancient / modern
  hot warm heat hottest / cold cool freeze coldest
  wet / dry
  clean / dirty
  hard tough / soft
  hard difficult tough complicated / easy simple
  strong stronger / weak weaker
  rich wealthy / poor
  cheap cheaper cheapest inexpensive / expensive costly dear pricey
  bright light / dark dim
  loud noisy / quiet silent
  full / empty
  open / close shut
  sharp / blunt
  rough / smooth
  safe / dangerous
  healthy / sick ill
  beautiful pretty / ugly
  good better best great / bad worse worst terrible awful
  positive / negative
  right / wrong
  right / left
  true / false
  real genuine / fake
  correct / wrong
  same / different
  public / private
  domestic / international foreign
  internal / external
  indoor inside / outdoor outside
  above over / below under underneath beneath
  up upward / down downward
  top / bottom
  front / back rear
  north northern / south southern
  east eastern / west western
  horizontal / vertical
  on / off
  in! / out!
  login signin / logout signout
  before / after
  begin start launch / end stop finish quit
  start launch resume continue / pause stop
  first / last
  next / last previous
  past / future
  always / never
  often frequently / rarely seldom
  ancestor / descendant
  more most / less least fewer fewest
  many much / few little
  all every everybody everyone / none nobody
  max maximum / min minimum
  increase raise grow rise / decrease lower reduce shrink fall drop cut
  gain / lose
  gain profit / loss
  win / lose
  add insert include / remove delete drop exclude subtract
  create make / delete destroy
  build assemble construct / destroy demolish dismantle
  enable activate / disable deactivate
  allow permit / forbid block deny prohibit ban
  accept approve / reject decline refuse deny
  agree / disagree
  connect attach join / disconnect detach separate split
  lock / unlock
  block / unblock
  mute / unmute
  install / uninstall
  subscribe / unsubscribe cancel
  follow / unfollow
  load / unload
  pack / unpack
  wrap / unwrap
  cover / uncover
  zip / unzip
  plug / unplug
  encrypt / decrypt
  encode / decode
  compress / decompress
  import / export
  upload / download
  upgrade / downgrade
  upstairs / downstairs
  expand / collapse
  show display / hide
  save keep / discard delete
  push / pull
  lift raise / lower
  throw / catch
  fill / empty
  put / take
  give / take receive
  send / receive
  buy purchase / sell
  lend / borrow
  deposit / withdraw withdrawal
  debit / credit
  lender / borrower
  buyer / seller
  landlord / tenant
  employer / employee
  teacher / student
  doctor / patient
  hire / fire
  income revenue / expense
  asset / liability
  import importer / export exporter
  arrive arrival / leave depart departure
  enter entrance entry / exit leave
  come / go leave
  board / disembark
  inbound incoming / outbound outgoing
  remember / forget
  find / lose
  pass succeed success / fail failure
  attack / defend
  love like / hate dislike
  laugh / cry
  live alive / dead die
  birth born / death die
  sleep asleep / wake awake
  sit / stand
  man male boy gentleman / woman female girl lady
  men / women
  husband / wife
  boyfriend / girlfriend
  father dad / mother mom mum
  son / daughter
  brother / sister
  uncle / aunt
  king / queen
  adult / child baby kid
  parent / child
  friend ally / enemy
  day daytime / night nighttime
  morning / evening night
  sunrise / sunset
  summer / winter
  spring / autumn
  sunny / cloudy rainy
  advantage pro benefit / disadvantage con drawback
  pros / cons
  strength / weakness
  cause / effect
  question / answer
  problem / solution
  winner / loser
  singular / plural
  manual / automatic
  temporary / permanent
  optional / mandatory required
  single / married
  single / double multiple
  odd / even
  major / minor
  senior / junior
  vegetarian vegan / carnivore
  yes / no
`;

const opposites = new Map<string, Set<string>>();
for (const line of lexicon.trim().split('\n')) {
  const [one = [], other = []] = line.split('/').map((side) => side.trim().split(/\s+/));
  for (const a of one) for (const b of other) oppose(a, b);
}

function oppose(a: string, b: string): void {
  for (const [from, to] of [
    [stemOf(a), stemOf(b)],
    [stemOf(b), stemOf(a)],
  ] as const) {
    const known = opposites.get(from) ?? new Set();
    opposites.set(from, known.add(to));
  }
}

/** Whether one text has a word of which the other has the opposite instead. Given stems; `un` and `non` before a word count, too. */
export function haveOpposites(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return hasOppositeIn(a, b) || hasOppositeIn(b, a) || hasPrefixedIn(a, b) || hasPrefixedIn(b, a);
}

function hasOppositeIn(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const word of a) {
    if (b.has(word)) continue;
    for (const opposite of opposites.get(word) ?? []) if (b.has(opposite) && !a.has(opposite)) return true;
  }
  return false;
}

const prefix = /^(?:un|non)(.{4,})$/;

/** A word of `b` is one of `a` with a prefix that reverses it. */
function hasPrefixedIn(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const prefixed of b) {
    if (a.has(prefixed)) continue;
    const word = prefixed.startsWith('un') || prefixed.startsWith('non') ? prefix.exec(prefixed)?.[1] : undefined;
    if (word !== undefined && word !== 'less' && a.has(word) && !b.has(word)) return true;
  }
  return false;
}
