/** The look-ups of offers written out as WebAssembly, against the same look-ups one by one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gatherCode } from '../../model-check/kernel/gather.ts';
import { memoryOf } from '../../model-check/kernel/instance.ts';

/** What is used of WebAssembly here. */
const { Module, Instance } = (
  globalThis as unknown as {
    WebAssembly: {
      Module: new (code: Uint8Array) => object;
      Instance: new (module: object, imports: object) => { exports: object };
    };
  }
).WebAssembly;

const PAGE = 1 << 16;
/** Where in the memory tables begin, and where what is found is put. */
const TABLES = 1 << 12;
const AT = 64;

/** Widths of fields, local states, and offers: their actors and senders, whether they hold anything, and how many are internal. */
const Given = fc
  .array(fc.record({ width: fc.integer({ min: 1, max: 5 }), high: fc.nat({ max: 6 }) }), {
    minLength: 1,
    maxLength: 6,
    size: 'max',
  })
  .chain((fields) =>
    fc.record({
      fields: fc.constant(fields),
      locals: fc.tuple(...fields.map(({ width }) => fc.nat({ max: 2 ** width - 1 }))),
      offers: fc.array(
        fc.record({
          actor: fc.nat({ max: fields.length - 1 }),
          sender: fc.nat({ max: fields.length - 1 }),
          outbox: fc.nat({ max: 3 }),
          steps: fc.oneof(
            { weight: 3, arbitrary: fc.constant(0) },
            { weight: 6, arbitrary: fc.integer({ min: 1, max: 2 ** 31 - 1 }) },
            { weight: 1, arbitrary: fc.constant(-1) },
          ),
          address: fc.nat({ max: 2 ** 26 }),
        }),
        { maxLength: 20, size: 'max' },
      ),
      internals: fc.nat({ max: 20 }),
    }),
  );

test('what is gathered is what is looked up one by one', () => {
  let [found, unknown] = [0, 0];
  const property = fc.property(Given, ({ fields, locals, offers, internals }) => {
    const memory = memoryOf(4 * PAGE, PAGE);
    if (!memory) throw new Error('no memory is to be had');
    const words = new Int32Array(memory.buffer);
    let next = TABLES;
    const take = (bytes: number) => {
      next += bytes;
      return next - bytes;
    };
    // Fields of which some bits are never used, from bit 0 on.
    let bit = 0;
    let state = 0n;
    const places = fields.map(({ width, high }, at) => {
      const rows = 4 * offers.length * 4;
      const place = { bit, mask: 2 ** (width + high) - 1, rows: take(rows * 2 ** width), rowSize: rows };
      state |= BigInt(locals[at] as number) << BigInt(bit);
      bit += width + high;
      return place;
    });
    fc.pre(bit <= 64);
    const number = Math.min(internals, offers.length);
    const lookUps = offers.map(({ actor, sender, outbox, steps, address }, at) => {
      const senders = take(4 * 2 ** (fields[sender]?.width as number));
      const cells = 16 * at;
      words[(senders >>> 2) + (locals[sender] as number)] = outbox;
      const row = (places[actor]?.rows as number) + (locals[actor] as number) * 16 * offers.length;
      words[((row + cells) >>> 2) + outbox] = steps;
      return { offer: address, actor, sender, outboxes: senders, cells };
    });
    expect(next).toBeLessThan(4 * PAGE);
    const module = new Module(gatherCode(places, lookUps, number));
    const { gather } = new Instance(module, { env: { memory } }).exports as {
      gather: (state: bigint, at: number) => bigint;
    };

    const answer = gather(BigInt.asIntN(64, state), AT);

    if (offers.some(({ steps }) => steps === -1)) {
      unknown += 1;
      expect(answer).toBe(-1n);
      return;
    }
    const holding = offers.filter(({ steps }) => steps !== 0);
    const own = offers.slice(0, number).filter(({ steps }) => steps !== 0);
    expect(answer).toBe((BigInt(AT + 8 * own.length) << 32n) | BigInt(AT + 8 * holding.length));
    expect(Array.from(words.subarray(AT >>> 2, (AT >>> 2) + 2 * holding.length))).toEqual(
      holding.flatMap(({ steps, address }) => [steps, address]),
    );
    found += holding.length;
  });
  fc.assert(property, { numRuns: 300 });
  expect(found).toBeGreaterThan(100);
  expect(unknown).toBeGreaterThan(10);
});
