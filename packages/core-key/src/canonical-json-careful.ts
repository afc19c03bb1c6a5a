import { bytesToken, isPlainObject, memberName, sortNames } from './canonical-leaf.ts';
import { UncacheableValueError } from './errors.ts';

/** A container being written; `names` is undefined for an array. */
interface Frame {
  readonly container: object;
  readonly names: readonly string[] | undefined;
  readonly length: number;
  /** place of the next child */
  next: number;
  written: number;
}

/** The slow and exact way: any depth, every refusal with its path. Same text as the fast way for everything both can write. */
export function carefulCanonicalJson(value: unknown): string {
  const stack: Frame[] = [];
  try {
    return write(value, stack);
  } catch (error) {
    if (UncacheableValueError.isInstance(error)) throw error;
    // A getter or proxy that throws, or a text longer than a string can be.
    throw new UncacheableValueError({ path: pathOf(stack), what: 'a value that cannot be read', cause: error });
  }
}

function write(value: unknown, stack: Frame[]): string {
  const ancestors = new Set<object>();
  let text = begin(value, stack, ancestors);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (frame.next === frame.length) {
      text += frame.names === undefined ? ']' : '}';
      ancestors.delete(frame.container);
      stack.pop();
      continue;
    }
    text += beginChild(frame, stack, ancestors);
  }
  return text;
}

function beginChild(frame: Frame, stack: Frame[], ancestors: Set<object>): string {
  const place = frame.next++;
  const name = frame.names?.[place];
  const child = (frame.container as Record<string | number, unknown>)[name ?? place];
  if (child === undefined && name !== undefined) return '';
  const comma = frame.written++ === 0 ? '' : ',';
  return `${comma}${name === undefined ? '' : memberName(name)}${begin(child, stack, ancestors)}`;
}

/** The whole text of a leaf; for a container its opening bracket, and a frame for the rest. */
function begin(value: unknown, stack: Frame[], ancestors: Set<object>): string {
  if (typeof value === 'object' && value !== null) return beginObject(value, stack, ancestors);
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  if (Number.isFinite(value)) return `${value as number}`;
  throw new UncacheableValueError({ path: pathOf(stack), what: nameOfLeaf(value, stack.at(-1)) });
}

function beginObject(value: object, stack: Frame[], ancestors: Set<object>): string {
  if (ancestors.has(value)) throw new UncacheableValueError({ path: pathOf(stack), what: 'a cycle' });
  if (Array.isArray(value)) {
    ancestors.add(value);
    stack.push({ container: value, names: undefined, length: value.length, next: 0, written: 0 });
    return '[';
  }
  const token = bytesToken(value);
  if (token !== undefined) return token;
  if (!isPlainObject(value)) throw new UncacheableValueError({ path: pathOf(stack), what: nameOfObject(value) });
  const names = sortNames(Object.keys(value));
  ancestors.add(value);
  stack.push({ container: value, names, length: names.length, next: 0, written: 0 });
  return '{';
}

function nameOfLeaf(value: unknown, parent: Frame | undefined): string {
  if (typeof value === 'number') return `the number ${value}`;
  if (value !== undefined) return `a ${typeof value}`;
  const isHole = parent?.names === undefined && parent !== undefined && !(parent.next - 1 in parent.container);
  return isHole ? 'a hole in an array' : 'undefined';
}

function nameOfObject(value: object): string {
  const maker: unknown = value.constructor;
  const name = typeof maker === 'function' ? maker.name : '';
  return name === '' ? 'an instance of a class' : `an instance of ${name}`;
}

/** Where the child stands that is being written: the stack's frames have all stepped past it. */
function pathOf(stack: readonly Frame[]): string {
  let path = '$';
  for (const { names, next } of stack) {
    if (next === 0) break;
    const name = names?.[next - 1];
    if (name === undefined) path += `[${next - 1}]`;
    else path += /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  }
  return path;
}
