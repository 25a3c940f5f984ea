/** Canonical JSON: object keys sorted, so that equal values have equal text. Arrays keep their order. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    const text = typeof value === 'bigint' ? undefined : JSON.stringify(value);
    if (text === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
      throw new TypeError(`not a JSON value: ${String(value)}`);
    }
    return text;
  }
  if (Array.isArray(value)) return `[${Array.from(value, canonical).join(',')}]`;
  // A Map, a Date, a class of one's own: `Object.entries` would find nothing in them, and two that differ would be one.
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new TypeError(`not a JSON value: ${Object.prototype.toString.call(value)}`);
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** One text for the same values in whatever order. */
export function canonicalSet(values: readonly unknown[]): string {
  return values.map(canonical).sort().join();
}

/** What has been frozen through and through. An object that is only frozen itself may hold others that are not. */
const frozen = new WeakSet<object>();

/** Freezes a JSON value through and through: a transition function that writes to its input is found out at once. */
export function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !frozen.has(value)) {
    frozen.add(value);
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}
