import { closedError, PostgresError, type PostgresErrorCode } from '../errors.ts';

/** A server as messages may name it. */
export interface ServerName {
  readonly host: string;
  readonly database: string;
  readonly user: string;
}

/** @throws TypeError when it is no URL of a Postgres; the message does not repeat it, for it may hold a password */
export function serverName(url: string): ServerName {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['postgres:', 'postgresql:'].includes(parsed.protocol)) {
    throw new TypeError(
      'openPostgres: "url" and "replicas" must look like postgres://user:password@host:5432/database; encode special characters of the password as in any URL',
    );
  }
  const user = decodeURIComponent(parsed.username);
  return { host: parsed.host, user, database: decodeURIComponent(parsed.pathname.slice(1)) || user };
}

interface Explanation {
  readonly code: PostgresErrorCode;
  readonly retriable: boolean;
  readonly message: (server: ServerName) => string;
}

const unreachable: Explanation = {
  code: 'ERR_PG_SEMANTIC_UNREACHABLE',
  retriable: true,
  message: ({ host }) =>
    `no connection to the Postgres at ${host}; see that it runs, and that host, port and sslmode are right`,
};
const interrupted: Explanation = {
  code: 'ERR_PG_SEMANTIC_INTERRUPTED',
  retriable: true,
  message: ({ host }) =>
    `the connection to the Postgres at ${host} ended before it answered; the statement may have been carried out`,
};
const refused: Explanation = {
  code: 'ERR_PG_SEMANTIC_REFUSED',
  retriable: false,
  message: ({ host, user }) =>
    `the Postgres at ${host} refused the user "${user}"; check the name, the password and pg_hba.conf`,
};
const noDatabase: Explanation = {
  code: 'ERR_PG_SEMANTIC_NO_DATABASE',
  retriable: false,
  message: ({ host, database }) =>
    `the Postgres at ${host} has no database "${database}"; create it: CREATE DATABASE "${database}"`,
};
const diskFull: Explanation = {
  code: 'ERR_PG_SEMANTIC_DISK_FULL',
  retriable: true,
  message: ({ host }) => `the Postgres at ${host} cannot write, its disk is full`,
};
const timedOut: Explanation = {
  code: 'ERR_PG_SEMANTIC_TIMEOUT',
  retriable: true,
  message: ({ host }) =>
    `the Postgres at ${host} did not finish the statement in time; raise "statementTimeoutMs" or see what keeps it busy`,
};

export function readOnlyError({ host }: ServerName, cause?: unknown): PostgresError {
  return new PostgresError(
    'ERR_PG_SEMANTIC_READ_ONLY',
    `the Postgres at ${host} takes no writes; give the primary as "url" and this one as one of "replicas"`,
    { cause },
  );
}

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), or the code of Node or postgres.js. */
const explanations: Readonly<Record<string, Explanation>> = {
  '28000': refused,
  '28P01': refused,
  '3D000': noDatabase,
  '53100': diskFull,
  '57014': timedOut,
  '53300': unreachable,
  '57P03': unreachable,
  '57P01': interrupted,
  '57P02': interrupted,
  CONNECT_TIMEOUT: unreachable,
  CONNECTION_CLOSED: interrupted,
  CONNECTION_DESTROYED: interrupted,
  ECONNRESET: interrupted,
  EPIPE: interrupted,
};

/** What postgres.js threw, as an error of this package: without parameters, which its own errors can hold. */
export function serverError(error: unknown, server: ServerName): PostgresError {
  if (PostgresError.isInstance(error)) return error;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'CONNECTION_ENDED') return closedError();
  if (code === '25006') return readOnlyError(server);
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  const known = explanations[String(code)] ?? (isNetworkCode(code) ? unreachable : undefined);
  const text = typeof message === 'string' ? message : String(error);
  if (known === undefined) return new PostgresError('ERR_PG_SEMANTIC_STATEMENT', text, { sqlState });
  return new PostgresError(known.code, `${known.message(server)} (${text})`, { sqlState, retriable: known.retriable });
}

/** Node's: ECONNREFUSED, ENOTFOUND, EHOSTUNREACH, ERR_TLS_CERT_…, SELF_SIGNED_CERT_IN_CHAIN, … */
function isNetworkCode(code: unknown): boolean {
  return typeof code === 'string' && (/^E[A-Z]{4,}/.test(code) || code.startsWith('ERR_') || code.includes('CERT'));
}
