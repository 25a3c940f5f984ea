/**
 * A map from strings to strings that is a JSON value and never changes: with an entry more or less it is another map, which shares all but a few pieces
 * with the first. So a replica's state can be as large as memory, and the step from one to the next stays small. It is a tree by the digits of
 * the keys' hashes (Bagwell, "Ideal Hash Trees", 2001); its shape depends on what it holds and on nothing else.
 */

/** Entries sorted by key; `null` has none. */
export type StringMap = null | { readonly entries: readonly Entry[] } | Branch;
export type Entry = readonly [key: string, value: string];
interface Branch {
  readonly size: number;
  /** By the hash's next digit. */
  readonly children: readonly StringMap[];
}

const DIGIT = 4;
const DIGITS = 8;
/** A map with no more entries than this is a list. */
const SHORT = 16;

/** FNV-1a, on the units of the string. */
function hash(key: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) sum = Math.imul(sum ^ key.charCodeAt(at), 0x01000193);
  // Spread the better lower bits over all.
  return (sum ^ (sum >>> 15)) >>> 0;
}

const digitOf = (code: number, depth: number) => (code >>> (DIGIT * depth)) & ((1 << DIGIT) - 1);
const isList = (map: StringMap): map is { readonly entries: readonly Entry[] } =>
  map !== null && 'entries' in map;
const listOf = (entries: readonly Entry[]): StringMap => (entries.length === 0 ? null : { entries });
const inOrder = ([a]: Entry, [b]: Entry) => (a < b ? -1 : 1);

/** How many entries there are. */
export function sizeOf(map: StringMap): number {
  if (map === null) return 0;
  return isList(map) ? map.entries.length : map.size;
}

/** The value of a key, or null. */
export function lookUp(map: StringMap, key: string): string | null {
  const code = hash(key);
  let at = map;
  for (let depth = 0; at !== null && !isList(at); depth++) at = at.children[digitOf(code, depth)] ?? null;
  return at?.entries.find(([known]) => known === key)?.[1] ?? null;
}

/** The map with another value for a key, or, if that is null, without the key. */
export function withValue(map: StringMap, key: string, value: string | null): StringMap {
  return changed(map, key, value, hash(key), 0);
}

function changed(map: StringMap, key: string, value: string | null, code: number, depth: number): StringMap {
  if (map === null || isList(map)) {
    const others = (map?.entries ?? []).filter(([known]) => known !== key);
    if (value === null) return others.length === map?.entries.length ? map : listOf(others);
    return treeOf([...others, [key, value] as const].sort(inOrder), depth);
  }
  const digit = digitOf(code, depth);
  const child = map.children[digit] ?? null;
  const after = changed(child, key, value, code, depth + 1);
  if (after === child) return map;
  const children = map.children.with(digit, after);
  const size = map.size + sizeOf(after) - sizeOf(child);
  return size > SHORT
    ? { size, children }
    : listOf(children.flatMap((each) => [...entriesOf(each)]).sort(inOrder));
}

/** Sorted entries as a map at some depth of the tree. */
function treeOf(entries: readonly Entry[], depth: number): StringMap {
  if (entries.length <= SHORT || depth === DIGITS) return listOf(entries);
  const parts: Entry[][] = Array.from({ length: 1 << DIGIT }, () => []);
  for (const entry of entries) parts[digitOf(hash(entry[0]), depth)]?.push(entry);
  return { size: entries.length, children: parts.map((part) => treeOf(part, depth + 1)) };
}

/** The map of some entries, of which no two have one key. */
export function mapOf(entries: Iterable<Entry>): StringMap {
  return treeOf([...entries].sort(inOrder), 0);
}

/** All entries, in no particular order. */
export function* entriesOf(map: StringMap): Generator<Entry> {
  if (map === null) return;
  if (isList(map)) yield* map.entries;
  else for (const child of map.children) yield* entriesOf(child);
}

/** The keys whose values differ, each with the later value; null where it is gone. What the two maps share is not looked at. */
export function differences(before: StringMap, after: StringMap): [string, string | null][] {
  const found: [string, string | null][] = [];
  collect(before, after, found);
  return found;
}

function collect(before: StringMap, after: StringMap, found: [string, string | null][]): void {
  if (before === after) return;
  if (before !== null && after !== null && !isList(before) && !isList(after)) {
    for (const [digit, child] of before.children.entries())
      collect(child, after.children[digit] ?? null, found);
    return;
  }
  const [old, now] = [sorted(before), sorted(after)];
  let at = 0;
  for (const entry of now) {
    for (; at < old.length && (old[at] as Entry)[0] < entry[0]; at++)
      found.push([(old[at] as Entry)[0], null]);
    const known = old[at]?.[0] === entry[0] ? old[at++] : undefined;
    if (known?.[1] !== entry[1]) found.push([entry[0], entry[1]]);
  }
  for (const [key] of old.slice(at)) found.push([key, null]);
}

function sorted(map: StringMap): readonly Entry[] {
  return map !== null && isList(map) ? map.entries : [...entriesOf(map)].sort(inOrder);
}

/** Whether something is such a map, in the one shape that a map with its entries has: what comes from outside may be anything. */
export function isMap(value: unknown): value is StringMap {
  return !Number.isNaN(countIn(value, 0, 0));
}

/** How many entries there are in a piece of a map, at some depth of the tree, where the lower digits of the hashes are these; NaN if it is none. */
function countIn(value: unknown, depth: number, digits: number): number {
  if (value === null) return 0;
  if (typeof value !== 'object') return Number.NaN;
  const fields = Object.keys(value).length;
  const { entries, size, children } = value as Record<string, unknown>;
  const own = 2 ** (DIGIT * depth);
  if (Array.isArray(entries)) {
    const isShort = entries.length > 0 && (entries.length <= SHORT || depth === DIGITS);
    const isHere = (entry: unknown, at: number) =>
      isEntry(entry) && hash(entry[0]) % own === digits && (at === 0 || entries[at - 1][0] < entry[0]);
    return fields === 1 && isShort && entries.every(isHere) ? entries.length : Number.NaN;
  }
  if (fields !== 2 || !Array.isArray(children) || children.length !== 1 << DIGIT || depth === DIGITS)
    return Number.NaN;
  const counts = children.map((child, digit) => countIn(child, depth + 1, digits + digit * own));
  const count = counts.reduce((sum, each) => sum + each);
  return size === count && count > SHORT ? count : Number.NaN;
}

function isEntry(value: unknown): value is Entry {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
}
