/**
 * The look-ups of one system, written out as WebAssembly: the function that tells what steps a state enables, but for those of
 * readings. What is the same in every state (where a field begins, where a row of cells lies) is a number in its code.
 */

/** A field of a state: its first bit and its mask, and, if its local states have rows of cells, where these begin and their size, in bytes. */
export interface Place {
  readonly bit: number;
  readonly mask: number;
  readonly rows: number;
  readonly rowSize: number;
}

/** An offer: the address of what is told of it, its actor and its sender, its outboxes, by local state of the sender, and where its cells begin in a row. */
export interface LookUp {
  readonly offer: number;
  readonly actor: number;
  readonly sender: number;
  readonly outboxes: number;
  readonly cells: number;
}

const [GET, SET, TEE, CONST, CONST_64, LOAD, STORE] = [0x20, 0x21, 0x22, 0x41, 0x42, 0x28, 0x36];
const [NOT_EQUAL, LESS, ADD, MULTIPLY, AND, OR, SHIFT] = [0x47, 0x48, 0x6a, 0x6c, 0x71, 0x72, 0x74];
const [OR_64, SHIFT_64, SHIFT_RIGHT_64, NARROW, WIDEN, SELECT] = [0x84, 0x86, 0x88, 0xa7, 0xad, 0x1b];
const [I32, I64, FUNCTION, SHARED, END] = [0x7f, 0x7e, 0x60, 0x03, 0x0b];

/** Words are aligned. */
const ALIGNED = 2;
/** Parameters and locals, by number; after them two for each field: its value, as an offset among words, and its row. */
const [STATE, AT, STEPS, MISSING, BEGINS, FIRST] = [0, 1, 2, 3, 4, 5];

/**
 * A module that exports `gather(state, at)`. It puts down, from address `at` on, for each offer that holds steps in the state the address
 * of these, and that of the offer. It answers where the first `internals` offers end, in the upper half, and where all do; or -1 if the
 * steps of an offer are not known.
 */
export function gatherCode(
  fields: readonly Place[],
  offers: readonly LookUp[],
  internals: number,
): Uint8Array<ArrayBuffer> {
  const body = [
    ...[1, ...unsigned(FIRST - STEPS + 2 * fields.length), I32],
    ...fields.flatMap((field, at) => unpacked(field, FIRST + 2 * at)),
    ...offers.flatMap((offer, at) => [...(at === internals ? markBegins : []), ...lookedUp(offer)]),
    ...(internals === offers.length ? markBegins : []),
    ...[CONST_64, 0x7f],
    ...[GET, BEGINS, WIDEN, CONST_64, 32, SHIFT_64, GET, AT, WIDEN, OR_64],
    ...[GET, MISSING, CONST, 0, LESS, SELECT, END],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, FUNCTION, 2, I64, I32, 1, I64]),
    ...section(2, [1, ...text('env'), ...text('memory'), 2, SHARED, 0, ...unsigned(65536)]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('gather'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

const markBegins = [GET, AT, SET, BEGINS];

/** Puts a field's value, times four, and the address of its row into two locals. */
function unpacked({ bit, mask, rows, rowSize }: Place, local: number): number[] {
  return [
    ...[GET, STATE, CONST_64, ...signed(bit), SHIFT_RIGHT_64, NARROW, CONST, ...signed(mask), AND],
    ...[TEE, ...unsigned(local), CONST, ...signed(rowSize), MULTIPLY, CONST, ...signed(rows), ADD],
    ...[SET, ...unsigned(local + 1)],
    ...[GET, ...unsigned(local), CONST, 2, SHIFT, SET, ...unsigned(local)],
  ];
}

/** Looks an offer up, and puts it down if it holds steps: always, but what holds none is written over. */
function lookedUp({ offer, actor, sender, outboxes, cells }: LookUp): number[] {
  return [
    ...[GET, ...unsigned(FIRST + 2 * actor + 1)],
    ...[GET, ...unsigned(FIRST + 2 * sender), LOAD, ALIGNED, ...unsigned(outboxes), CONST, 2, SHIFT, ADD],
    ...[LOAD, ALIGNED, ...unsigned(cells), TEE, STEPS, GET, MISSING, OR, SET, MISSING],
    ...[GET, AT, GET, STEPS, STORE, ALIGNED, 0],
    ...[GET, AT, CONST, ...signed(offer), STORE, ALIGNED, 4],
    ...[GET, AT, GET, STEPS, CONST, 0, NOT_EQUAL, CONST, 3, SHIFT, ADD, SET, AT],
  ];
}

function section(number: number, contents: readonly number[]): number[] {
  return [number, ...unsigned(contents.length), ...contents];
}

function text(name: string): number[] {
  return [name.length, ...Array.from(name, (letter) => letter.charCodeAt(0))];
}

/** A number from 0 to 2^32 - 1, seven bits to a byte. */
function unsigned(number: number): number[] {
  return number < 128 ? [number] : [(number & 127) | 128, ...unsigned(number >>> 7)];
}

/** The same for one of 32 bits with a sign. */
function signed(number: number): number[] {
  const last = number >= -64 && number < 64;
  return last ? [number & 127] : [(number & 127) | 128, ...signed(number >> 7)];
}
