/** A string of such letters is in quotes what JSON makes of it. */
const PLAIN = /^[\w.-]*$/;

/** Canonical JSON: object keys sorted, so that equal values have equal text. Arrays keep their order. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return scalar(value);
  let text = '';
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) text += `${at === 0 ? '' : ','}${canonical(value[at])}`;
    return `[${text}]`;
  }
  // A Map, a Date, a class of one's own: `Object.keys` would find nothing in them, and two that differ would be one.
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new TypeError(`not a JSON value: ${Object.prototype.toString.call(value)}`);
  }
  for (const key of sortedKeys(value)) {
    const item: unknown = value[key as keyof typeof value];
    if (item !== undefined) text += `${text === '' ? '' : ','}${scalar(key)}:${canonical(item)}`;
  }
  return `{${text}}`;
}

/** Most objects are written with their keys in order. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  for (let at = 1; at < keys.length; at++)
    if ((keys[at - 1] as string) > (keys[at] as string)) return keys.sort();
  return keys;
}

function scalar(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  if (typeof value === 'number' && Number.isFinite(value)) return `${value}`;
  const text = typeof value === 'bigint' || typeof value === 'number' ? undefined : JSON.stringify(value);
  if (text === undefined) throw new TypeError(`not a JSON value: ${String(value)}`);
  return text;
}

/** One text for the same values in whatever order. */
export function canonicalSet(values: readonly unknown[]): string {
  return values.map(canonical).sort().join();
}

/** What has been frozen through and through. An object that is only frozen itself may hold others that are not. */
const frozen = new WeakSet<object>();

/** Freezes a JSON value through and through: a transition function that writes to its input is found out at once. */
export function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || frozen.has(value)) return value;
  Object.freeze(value);
  const items = Object.values(value);
  // What holds nothing needs no note.
  if (items.length > 0) frozen.add(value);
  for (const item of items) deepFreeze(item);
  return value;
}
