import { createFigures, type Figures } from './figures.ts';
import { createNamespaceLedger, type Ledger, LIMITS, lineOf, type NamespaceLedger } from './ledger.ts';

/** What tells whose figures a message adds to. */
interface Subject {
  readonly kind?: string | undefined;
  readonly tenant?: string | undefined;
  readonly model?: string | undefined;
  /** of the tool or provider that was called */
  readonly name?: string | undefined;
}

const DEFAULT_KIND = 'value';
const TOOL = 'tool';

export function namespaceOf(ledger: Ledger, name: string): NamespaceLedger {
  return lineOf(ledger.namespaces, name, LIMITS.namespaces, createNamespaceLedger);
}

export function kindLine(namespace: NamespaceLedger, kind: string = DEFAULT_KIND): Figures {
  const slash = kind.indexOf('/');
  return lineOf(namespace.kinds, slash < 0 ? kind : kind.slice(0, slash), LIMITS.kinds, createFigures);
}

export function modelLine(namespace: NamespaceLedger, model: string): Figures {
  return lineOf(namespace.models, model, LIMITS.models, createFigures);
}

/** Every line that a message adds to: its kind first, then its model or tool, and its tenant. */
export function linesOf(namespace: NamespaceLedger, subject: Subject): readonly Figures[] {
  const { kind = DEFAULT_KIND, tenant } = subject;
  const lines = [kindLine(namespace, kind)];
  if (kind.startsWith(TOOL)) {
    const tool = toolOf(kind, subject);
    if (tool !== undefined) lines.push(lineOf(namespace.tools, tool, LIMITS.tools, createFigures));
  } else if (subject.model !== undefined) lines.push(modelLine(namespace, subject.model));
  if (tenant !== undefined && tenant !== '')
    lines.push(lineOf(namespace.tenants, tenant, LIMITS.tenants, createFigures));
  return lines;
}

/** A tool's name is the second part of its kind (`tool/search`), or what the call or its cost is named after. */
function toolOf(kind: string, { name, model }: Subject): string | undefined {
  if (kind === TOOL) return name ?? model;
  return kind[TOOL.length] === '/' ? kind.slice(TOOL.length + 1) : undefined;
}
