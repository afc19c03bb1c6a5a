/** What customers ask, and how others ask the same. */
const groups: readonly (readonly string[])[] = [
  ['How do I reset my password?', 'How can I reset my password?', 'How do I reset the password?'],
  ['How long does delivery take?', 'How long does a delivery take?', 'How long will delivery take?'],
  ['How do I send something back?', 'How can I send something back?', 'How do I send an item back?'],
  ['When will I get my money back?', 'When do I get my money back?', 'When am I getting my money back?'],
  ['Which ways can I pay?', 'In which ways can I pay?', 'What ways can I pay?'],
  ['Why was my card declined?', 'My card was declined, why?', 'Why has my card been declined?'],
  ['How long is a gift voucher valid?', 'For how long is a gift voucher valid?', 'How long are gift vouchers valid?'],
  ['Do I pay for the return label?', 'Do I have to pay for the return label?', 'Must I pay for the return label?'],
  ['Where do I find my old invoices?', 'Where can I find my old invoices?', 'Where are my old invoices?'],
  [
    'How do I turn on two-factor sign-in?',
    'How can I turn on two-factor sign-in?',
    'How do I switch on two-factor sign-in?',
  ],
  [
    'Can I change the delivery address?',
    'Can I still change the delivery address?',
    'Is it possible to change the delivery address?',
  ],
];

/** Near in every word and another question all the same: these must not get the answers above. */
const others: readonly string[] = ['How do I turn off two-factor sign-in?', 'When will I not get my money back?'];

/** How people begin and end. */
const manners: readonly ((question: string) => string)[] = [
  (question) => question,
  (question) => `Hello! ${question}`,
  (question) => `${question} Thank you.`,
  (question) => `Quick question: ${question}`,
];

/** Each question in its first words, then all of them in other words and manners, then what only sounds alike. */
export function paraphrasedTrace(): readonly string[] {
  const wordings = Math.max(...groups.map((group) => group.length));
  const rounds = manners.flatMap((manner) =>
    Array.from({ length: wordings }, (_, round) =>
      groups.flatMap((group) => group.slice(round, round + 1).map(manner)),
    ),
  );
  return [...rounds.flat(), ...others];
}
