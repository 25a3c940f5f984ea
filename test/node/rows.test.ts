import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durablePart } from '../../spec/index.ts';
import { type NodeRoles, nodeRoles } from '../../src/node/roles.ts';
import { changesBetween, type Durable, durableOf } from '../../src/node/rows.ts';
import { mapOf } from '../../src/node/store/map.ts';

const slot = fc.integer({ min: 1, max: 30 });
const text = fc.string({ minLength: 1, maxLength: 3 });
const ballot = fc.record({ round: fc.integer({ min: 1, max: 3 }), proposer: fc.constantFrom('p1', 'p2') });
const bySlot = <T extends { slot: number }>(entry: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(entry, { selector: (each) => each.slot, maxLength: 20 })
    .map((list) => list.sort((a, b) => a.slot - b.slot));
const session = fc.record({ number: fc.integer({ min: 1, max: 2 ** 40 }), reply: text });
const durable: fc.Arbitrary<Durable> = fc.record({
  starts: fc.integer({ min: 1, max: 9 }),
  acceptor: fc.record({
    promised: fc.option(ballot),
    accepted: bySlot(fc.record({ slot, ballot, value: text })),
    truncated: fc.nat(20),
  }),
  leader: fc.record({ ballot: fc.option(ballot) }),
  replica: fc.record({
    decided: bySlot(fc.record({ slot, value: text })),
    applied: fc.nat(20),
    truncated: fc.nat(20),
    machine: fc
      .uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([key]) => key })
      .map((entries) => mapOf(entries) as never),
    sessions: fc.dictionary(fc.constantFrom('c1-w0', 'c1-w1', 'c2-w0'), session, { noNullPrototype: true }),
  }),
});

/** Some later state: parts are the same objects, others are not; sessions only come to be. */
const later = (before: Durable, other: Durable, kept: readonly boolean[]): Durable => {
  const [accepted, decided, machine] = kept;
  const { replica, acceptor } = before;
  return {
    ...other,
    acceptor: {
      ...other.acceptor,
      accepted: accepted ? acceptor.accepted : mixed(acceptor.accepted, other.acceptor.accepted),
    },
    replica: {
      ...other.replica,
      decided: decided ? replica.decided : mixed(replica.decided, other.replica.decided),
      machine: machine ? replica.machine : other.replica.machine,
      sessions: { ...replica.sessions, ...other.replica.sessions },
    },
  };
};

/** A list of which some entries are those of another, as objects. */
function mixed<T extends { slot: number }>(before: readonly T[], after: readonly T[]): T[] {
  const own = after.map(
    (entry) => (entry.slot % 2 === 0 ? before.find(({ slot }) => slot === entry.slot) : undefined) ?? entry,
  );
  return own;
}

test('what is written one after the other is what is read', () => {
  const machine: NodeRoles['machine'] = nodeRoles.machine;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(durable, fc.tuple(fc.boolean(), fc.boolean(), fc.boolean())), {
        minLength: 1,
        maxLength: 5,
      }),
      (steps) => {
        const rows = new Map<string, string>();
        let stored: Durable | null = null;
        for (const [state, kept] of steps) {
          const after: Durable = stored ? later(stored, state, kept) : state;
          for (const [key, value] of changesBetween(machine, stored, after))
            value === null ? rows.delete(key) : rows.set(key, value);
          expect(durableOf(machine, rows)).toEqual(after);
          expect(changesBetween(machine, after, after)).toEqual([]);
          stored = after;
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('all that the roles declare to be durable is stored', () => {
  const { acceptor, leader, replica, machine } = nodeRoles;
  const initial: Durable = {
    starts: 1,
    acceptor: durablePart(acceptor, acceptor.initial) as Durable['acceptor'],
    leader: durablePart(leader, leader.initial) as Durable['leader'],
    replica: durablePart(replica, replica.initial) as Durable['replica'],
  };
  const rows = changesBetween(machine, null, initial).map(([key, value]) => [key, value as string] as const);
  const read = durableOf(machine, new Map(rows));
  expect(read).toEqual(initial);
  for (const [role, of] of [
    [acceptor, read?.acceptor],
    [leader, read?.leader],
    [replica, read?.replica],
  ] as const)
    expect(Object.keys(of ?? {}).sort()).toEqual(Object.keys(role.durable.shape).sort());
});
