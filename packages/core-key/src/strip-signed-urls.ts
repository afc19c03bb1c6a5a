import { mapStrings } from './map-strings.ts';

/** One way to sign a URL: which parameters show that it was used, and all that belong to it with what they may hold. */
interface SignatureScheme {
  readonly marks: readonly string[];
  readonly parameters: ReadonlyMap<string, RegExp>;
}

const NUMBER = /^\d+$/;
const WORD = /^[\w-]+$/;
const BASE64 = /^[\w%+/=~-]+$/;
const TIME = /^[\w%:.+-]+$/;
const ACCOUNT = /^[\w%@/.+=-]+$/;

/** `X-Amz-` and `X-Goog-`: version 4 signatures of Amazon S3 and Google Cloud Storage. */
function version4(prefix: string): SignatureScheme {
  const parameters: readonly (readonly [string, RegExp])[] = [
    ['algorithm', WORD],
    ['credential', ACCOUNT],
    ['date', /^\d{8}T\d{6}Z$/],
    ['expires', NUMBER],
    ['signedheaders', /^[\w%;-]+$/],
    ['signature', /^[\dA-Fa-f]+$/],
    ['security-token', BASE64],
  ];
  return {
    marks: ['signature', 'credential', 'date'].map((name) => prefix + name),
    parameters: new Map(parameters.map(([name, values]) => [prefix + name, values])),
  };
}

const SCHEMES: readonly SignatureScheme[] = [
  version4('x-amz-'),
  version4('x-goog-'),
  {
    // Amazon S3, version 2
    marks: ['awsaccesskeyid', 'signature', 'expires'],
    parameters: new Map([
      ['awsaccesskeyid', WORD],
      ['signature', BASE64],
      ['expires', NUMBER],
      ['x-amz-security-token', BASE64],
    ]),
  },
  {
    // Google Cloud Storage, version 2
    marks: ['googleaccessid', 'signature', 'expires'],
    parameters: new Map([
      ['googleaccessid', ACCOUNT],
      ['signature', BASE64],
      ['expires', NUMBER],
    ]),
  },
  {
    // Amazon CloudFront, canned or custom policy
    marks: ['key-pair-id', 'signature'],
    parameters: new Map([
      ['key-pair-id', WORD],
      ['signature', BASE64],
      ['expires', NUMBER],
      ['policy', BASE64],
    ]),
  },
  azure('sr'),
  azure('ss', 'srt'),
];

/** Shared access signatures of Azure Storage: of a service or by user delegation (`sr`), of an account (`ss`, `srt`). */
function azure(...scope: readonly string[]): SignatureScheme {
  const words = ['ss', 'srt', 'sr', 'sp', 'si', 'sks', 'skoid', 'sktid', 'saoid', 'suoid', 'scid'];
  return {
    marks: ['sig', 'sv', ...scope],
    parameters: new Map([
      ...words.map((name): [string, RegExp] => [name, WORD]),
      ...['st', 'se', 'skt', 'ske', 'ses'].map((name): [string, RegExp] => [name, TIME]),
      ...['sv', 'skv'].map((name): [string, RegExp] => [name, /^\d{4}-\d{2}-\d{2}$/]),
      ['sig', BASE64],
      ['sdd', NUMBER],
      ['spr', /^https(?:(?:,|%2C)http)?$/i],
      ['sip', /^[\d.-]+$/],
    ]),
  };
}

// Whole addresses up to a fragment: asking for the query here would try every address of a long text to its end.
const ADDRESS = /https?:\/\/[^\s"'<>`\\^{|}#]+/gi;
const ENDS_OF_SENTENCES = '.,;:!?)]';

/**
 * A normalizer that takes the signature out of every signed URL in the value, in strings that are one and in text that has
 * some: Amazon S3 (versions 2 and 4), CloudFront, Google Cloud Storage (2 and 4), Azure shared access signatures. The same
 * file signed anew then has the same key. Only the parameters of the signature go, and only when the URL has all that make
 * one; every other byte stays. When in doubt the URL stays as it is, which costs a hit and never gives a wrong one.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 * @see https://cloud.google.com/storage/docs/authentication/signatures
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
 */
export function stripSignedUrls(value: unknown): unknown {
  return mapStrings(value, (text) => (text.includes('://') ? text.replace(ADDRESS, unsigned) : text));
}

function unsigned(found: string): string {
  let end = found.length;
  while (ENDS_OF_SENTENCES.includes(found.charAt(end - 1))) end--;
  const url = found.slice(0, end);
  const start = url.indexOf('?');
  if (start < 0) return found;
  const pieces = url.slice(start + 1).split('&');
  const scheme = SCHEMES.find(({ marks }) => marks.every((mark) => pieces.some((piece) => nameOf(piece) === mark)));
  if (scheme === undefined) return found;
  const kept: string[] = [];
  for (const piece of pieces) {
    const values = scheme.parameters.get(nameOf(piece));
    if (values === undefined) kept.push(piece);
    // Something else runs on into the URL here; dropping it could make two different texts one.
    else if (!values.test(piece.slice(piece.indexOf('=') + 1))) return found;
  }
  return url.slice(0, start) + (kept.length > 0 ? `?${kept.join('&')}` : '') + found.slice(end);
}

function nameOf(piece: string): string {
  const end = piece.indexOf('=');
  return end < 0 ? '' : piece.slice(0, end).toLowerCase();
}
