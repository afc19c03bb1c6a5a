/** Adjectives with a comparative: `bigger` is opposed to `smaller`, too. */
export const gradable = `
  big large / small little tiny
  long / short
  tall / short
  deep / shallow
  wide broad / narrow
  thick / thin
  fat / thin slim skinny
  heavy / light
  near close / far farther farthest distant
  fast quick rapid / slow
  early / late
  old / new young
  hot warm heat / cold cool freeze
  wet / dry
  clean / dirty
  hard tough / soft
  hard tough / easy simple
  strong / weak
  rich wealthy / poor
  cheap inexpensive / expensive costly dear pricey
  bright light / dark dim
  loud noisy / quiet
  sharp / blunt
  rough / smooth
  healthy / sick
  high / low
`;

/** Other everyday opposites by field, each `these / against those`. Any word of one side is opposed to any of the other. */
export const lexicon = `
  big large huge giant / small little tiny
  long lengthy / short brief
  heavy / light lightweight
  ancient / modern
  hard difficult tough complicated / easy simple
  loud noisy / quiet silent
  full / empty
  open / close shut
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
  public / private
  indoor inside / outdoor outside
  above over / below under underneath beneath
  up upward / down downward
  top / bottom
  front / back rear
  north northern / south southern
  east eastern / west western
  horizontal / vertical
  in! / out!
  login signin / logout signout
  before / after
  begin start launch / end stop finish quit
  start launch resume continue / pause stop
  first / last
  next / last previous
  past / future
  ancestor / descendant
  more most / less least fewer fewest
  many much / few little
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
  subscribe / unsubscribe cancel
  encrypt / decrypt
  compress / decompress
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
  arrive arrival / leave depart departure
  enter entrance entry / exit leave
  come / go leave
  board / disembark
  inbound incoming / outbound outgoing
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
  spring / autumn fall
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
  senior / junior
  vegetarian vegan / carnivore
  yes / no
  on onto / off
  into / out
  away / towards toward
  always / never rarely seldom
  domestic local / international foreign
  often frequently / rarely seldom
  all every everybody everyone / none nobody
  same / different
  major / minor
  adult / minor
  upper / lower
  virtual / physical
  pending / completed
  read / write
  client / server
  sender / recipient receiver
  fixed / variable
  gross / net
  wholesale / retail
  legal lawful / illegal forbidden
  loosen / tighten
  plus / minus
  success / failure
  keep / rid
  heed / ignore
  admit confess / deny
  despite / because
`;
