import { isObject, type JsonObject } from './json-value.ts';

/** Body fields that take no part in the identity. */
export interface DenyList {
  /** path → why the field cannot change the answer */
  readonly denied: ReadonlyMap<string, string>;
  /** The value without the denied fields; the same object when it has none. Nothing else is copied or looked at. */
  strip(value: unknown): unknown;
}

/** What is denied at and below one place of a body. */
interface Place {
  /** fields to leave out */
  readonly fields: Set<string>;
  /** fields to look into */
  readonly children: Map<string, Place>;
  /** elements of an array, by their `type`; "" for any element */
  readonly elements: Map<string, Place>;
}

/**
 * Builds a deny-list from paths. `a.b` is a field of a field, `a[].b` a field of every element of an array, `a[text].b` of the
 * elements whose `type` is "text". Only these places are ever touched, so data that happens to use the same name still counts.
 */
export function denyList(reasons: Readonly<Record<string, string>>): DenyList {
  const root = newPlace();
  for (const path of Object.keys(reasons)) addPath(root, path);
  return { denied: new Map(Object.entries(reasons)), strip: (value) => strip(value, root) };
}

function newPlace(): Place {
  return { fields: new Set(), children: new Map(), elements: new Map() };
}

function addPath(root: Place, path: string): void {
  const steps = path.split('.');
  const field = steps.pop() ?? '';
  let place = root;
  for (const step of steps) {
    const [, name = '', bracket] = /^([^[]+)(?:\[(\w*)\])?$/.exec(step) ?? [];
    place = below(place.children, name);
    if (bracket !== undefined) place = below(place.elements, bracket);
  }
  place.fields.add(field);
}

function below(places: Map<string, Place>, name: string): Place {
  const place = places.get(name) ?? newPlace();
  places.set(name, place);
  return place;
}

function strip(value: unknown, place: Place): unknown {
  if (Array.isArray(value)) return place.elements.size === 0 ? value : stripElements(value, place.elements);
  return isObject(value) ? stripFields(value, place) : value;
}

function stripElements(values: readonly unknown[], elements: ReadonlyMap<string, Place>): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== 'object' || value === null) continue;
    const kept = stripElement(value, elements);
    if (kept !== value) {
      copy ??= values.slice();
      copy[index] = kept;
    }
  }
  return copy ?? values;
}

function stripElement(value: object, elements: ReadonlyMap<string, Place>): unknown {
  const any = elements.get('');
  const { type } = value as JsonObject;
  const own = typeof type === 'string' && type !== '' ? elements.get(type) : undefined;
  const kept = any === undefined ? value : strip(value, any);
  return own === undefined ? kept : strip(kept, own);
}

function stripFields(value: JsonObject, place: Place): JsonObject {
  let copy: Record<string, unknown> | undefined;
  for (const field of place.fields) {
    if (!Object.hasOwn(value, field)) continue;
    copy ??= { ...value };
    delete copy[field];
  }
  for (const [field, child] of place.children) {
    const inner = Object.hasOwn(value, field) ? value[field] : undefined;
    const kept = strip(inner, child);
    if (kept === inner) continue;
    copy ??= { ...value };
    copy[field] = kept;
  }
  return copy ?? value;
}
