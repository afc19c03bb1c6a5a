/** Questions made of parts, as many as wanted, no two alike: for benches that need a full index and nobody's words. */
const acts = [
  'cancel',
  'renew',
  'open',
  'close',
  'move',
  'share',
  'print',
  'export',
  'rename',
  'archive',
  'merge',
  'check',
];
const things = [
  ...[
    'account',
    'invoice',
    'order',
    'contract',
    'folder',
    'report',
    'calendar',
    'ticket',
    'licence',
    'backup',
    'profile',
  ],
  ...['mailbox', 'device', 'meeting', 'project', 'payment', 'address', 'voucher', 'notebook', 'dashboard'],
];
const owners = [
  'my',
  'our',
  'a colleague’s',
  'the team’s',
  'a customer’s',
  'the company’s',
  'my old',
  'a shared',
  'the second',
];
const places = [
  'on the phone',
  'in the browser',
  'at the office',
  'from abroad',
  'in the app',
  'by mail',
  'over the web',
  'at home',
];
const times = [
  'today',
  'next week',
  'after the trial',
  'before the holidays',
  'at night',
  'during a call',
  'within a month',
];
const frames = [
  'How do I',
  'Can I',
  'Where can I',
  'When should we',
  'Who may',
  'Is it possible to',
  'What does it cost to',
];

/** The question of a number; equal numbers, equal questions. */
export function madeQuestion(number: number): string {
  let rest = number;
  const take = (parts: readonly string[]): string => {
    const part = parts[rest % parts.length] as string;
    rest = Math.floor(rest / parts.length);
    return part;
  };
  const [act, thing, owner, frame] = [take(acts), take(things), take(owners), take(frames)];
  const [place, time] = [take(places), take(times)];
  return `${frame} ${act} ${owner} ${thing} ${place} ${time}${rest > 0 ? ` (case ${rest})` : ''}?`;
}

/** The same question in other words: another frame, and politeness. */
export function otherWords(question: string, seed: number): string {
  const frame = frames.find((each) => question.startsWith(each)) ?? '';
  const other = seed % 2 === 0 ? `Please tell me: ${frame.toLowerCase()}` : `${frame} really`;
  return question.replace(frame, other).replace('?', seed % 3 === 0 ? ' please?' : '');
}
