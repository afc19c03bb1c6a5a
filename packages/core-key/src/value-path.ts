import { isPlainObject } from './canonical-leaf.ts';

/** Every member or element at this place. */
const ANY: unique symbol = Symbol('any');

/** The steps from a value to a place in it. */
export type ValuePath = readonly (string | typeof ANY)[];

/** What `pick` and the others may walk into; everything else is a leaf. */
export type Container = readonly unknown[] | Readonly<Record<string, unknown>>;

const STEP = /\.([^.[\]*]+)|(\.\*|\[\*\])|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/**
 * `model`, `messages[0].content`, `messages[*].id`, `a["b.c"]`, with or without the leading `$.` of the paths in errors; or,
 * when it begins with a slash, a JSON Pointer (RFC 6901), which knows no `*`.
 *
 * @throws TypeError when it is neither.
 */
export function parsePath(path: string): ValuePath {
  if (path.startsWith('/')) return pointerSteps(path);
  const text = /^\$?\[|^\$\./.test(path) ? path.replace(/^\$/, '') : `.${path}`;
  const steps: (string | typeof ANY)[] = [];
  let from = 0;
  while (from < text.length) {
    STEP.lastIndex = from;
    const match = STEP.exec(text);
    if (match === null) throw notAPath(path);
    steps.push(stepOf(match, path));
    from = STEP.lastIndex;
  }
  return steps;
}

/** The rests of those paths that lead through this child. */
export function pathsThrough(paths: readonly ValuePath[], name: string): readonly ValuePath[] {
  return paths.filter(([first]) => first === name || first === ANY).map((path) => path.slice(1));
}

export function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null && (Array.isArray(value) || isPlainObject(value));
}

/** A container of the same sort with each child mapped, or left out where `keep` says so. */
export function rebuild(
  container: Container,
  mapChild: (child: unknown, name: string) => { readonly child: unknown } | undefined,
): Container {
  if (Array.isArray(container)) {
    return container.flatMap((child: unknown, index) => {
      const mapped = mapChild(child, String(index));
      return mapped === undefined ? [] : [mapped.child];
    });
  }
  const entries = Object.entries(container).flatMap(([name, child]): [string, unknown][] => {
    const mapped = mapChild(child, name);
    return mapped === undefined ? [] : [[name, mapped.child]];
  });
  // Defines members instead of assigning them, so one called __proto__ stays a member.
  return Object.fromEntries(entries);
}

function pointerSteps(path: string): ValuePath {
  if (/~(?![01])/.test(path)) throw notAPath(path);
  const steps = path.slice(1).split('/');
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function stepOf([, name, any, index, quoted]: RegExpExecArray, path: string): string | typeof ANY {
  if (any !== undefined) return ANY;
  if (quoted === undefined) return name ?? index ?? '';
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw notAPath(path);
  }
}

function notAPath(path: string): TypeError {
  return new TypeError(
    `${JSON.stringify(path)} is not a path. Write names and places, as in \`messages[0].content\` or \`tools[*].name\`, ` +
      'or a JSON Pointer such as `/messages/0/content`.',
  );
}
