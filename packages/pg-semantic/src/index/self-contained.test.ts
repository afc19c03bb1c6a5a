import { expect, test } from 'vitest';
import { isSelfContained } from './self-contained.ts';

test.each([
  'How do I export the invoices of last year as a spreadsheet?',
  'Which airport is closest to the old town of Lisbon?',
  'Can I pay a subscription with a prepaid card from Norway?',
])('"%s" can be asked alone', (text) => {
  expect(isSelfContained(text)).toBe(true);
});

test.each([
  '',
  '…and on weekends, for a family with small children?',
  'And how do I export the invoices of last year as a spreadsheet?',
  'What about the trains from Lisbon to Porto on Sundays?',
  'How about an earlier train from Lisbon to Porto?',
  'How old is it?',
  'Can they export the invoices of last year as a spreadsheet?',
  'Show me the previous invoices of the customer from Lisbon',
  'What is the capital of France?',
  'Yes, export the invoices of last year as a spreadsheet',
  'Warum schliesst das Museum montags früher als sonst?',
])('"%s" cannot', (text) => {
  expect(isSelfContained(text)).toBe(false);
});
