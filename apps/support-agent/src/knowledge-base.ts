/** The help centre of an invented parcel and stationery shop. */
export interface Article {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export const articles: readonly Article[] = [
  [
    'delivery',
    'Delivery times',
    'Standard delivery takes 2 to 4 working days, express arrives the next working day when ordered before 3 pm.',
  ],
  [
    'tracking',
    'Tracking a parcel',
    'Every parcel has a tracking link in the dispatch e-mail. It updates each time the parcel is scanned.',
  ],
  [
    'lost',
    'Lost parcels',
    'A parcel without a scan for five working days counts as lost. We send a new one or refund it, as you prefer.',
  ],
  [
    'returns',
    'Returning an order',
    'Unused goods can be returned within 30 days. Print the label from your account and drop the box at any post office.',
  ],
  [
    'refunds',
    'Refunds',
    'Refunds go to the original payment method within five working days of the goods arriving at our warehouse.',
  ],
  [
    'exchange',
    'Exchanges',
    'To exchange an item, return it and place a new order; the delivery of the new order is free.',
  ],
  [
    'password',
    'Resetting a password',
    'Choose "Forgot password" on the sign-in page. The link in the e-mail is valid for one hour.',
  ],
  [
    'two-factor',
    'Two-factor sign-in',
    'Turn on two-factor sign-in under Account, Security. Keep the recovery codes somewhere safe.',
  ],
  ['invoice', 'Invoices', 'Invoices are under Account, Orders. Companies can add a VAT number before they pay.'],
  [
    'payment',
    'Ways to pay',
    'We take cards, bank transfer and gift vouchers. A declined card is usually a limit set by the bank.',
  ],
  [
    'voucher',
    'Gift vouchers',
    'Vouchers are valid for three years and can be split over several orders. They cannot be paid out.',
  ],
  [
    'address',
    'Changing the address',
    'The delivery address can be changed until the order is packed, usually within two hours of ordering.',
  ],
  [
    'cancel',
    'Cancelling an order',
    'Orders can be cancelled from the account page until they are packed. After that, refuse the parcel or return it.',
  ],
  [
    'wholesale',
    'Wholesale',
    'Orders of 50 pieces or more get wholesale prices. Ask for a quote with the item numbers and quantities.',
  ],
  [
    'warranty',
    'Warranty',
    'Pens and printers carry a two-year warranty. Send a photo of the fault and the order number.',
  ],
  ['privacy', 'Your data', 'You can download or delete everything we store about you under Account, Privacy.'],
].map(([id = '', title = '', text = '']) => ({ id, title, text }));

const wordsOf = (text: string): ReadonlySet<string> =>
  new Set((text.toLowerCase().match(/[a-z]{3,}/g) ?? []).map((word) => word.slice(0, 5)));

/** The articles that share most words with the query, best first; ties go by id so that the same query has the same answer. */
export function searchArticles(query: string, limit = 2): readonly Article[] {
  const asked = wordsOf(query);
  const scored = articles.map((article) => {
    const inTitle = [...wordsOf(article.title)].filter((word) => asked.has(word)).length;
    const inText = [...wordsOf(article.text)].filter((word) => asked.has(word)).length;
    return { article, score: 3 * inTitle + inText };
  });
  return scored
    .sort((a, b) => b.score - a.score || a.article.id.localeCompare(b.article.id))
    .slice(0, limit)
    .map(({ article }) => article);
}
