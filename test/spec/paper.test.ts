/** Runs that the paper tells of, played by the roles with every message handed over by hand. */
import { describe, expect, test } from 'vitest';
import { acceptor } from '../../spec/acceptor.ts';
import { learner } from '../../spec/learner.ts';
import type { Message } from '../../spec/message.ts';
import { proposer } from '../../spec/proposer.ts';
import { restart } from '../../spec/role.ts';
import { ACCEPTORS, actor, ballot, proposal, QUORUMS, receive, start } from './paper.ts';

/** Two proposers, three acceptors, two learners; `l1` is distinguished. */
function stage({ nacks = false } = {}) {
  const proposers = {
    p1: actor(proposer, { id: 'p1', acceptors: ACCEPTORS, quorums: QUORUMS }),
    p2: actor(proposer, { id: 'p2', acceptors: ACCEPTORS, quorums: QUORUMS }),
  };
  const acceptorOf = (id: string) => actor(acceptor, { id, tells: ['l1'], nacks });
  const acceptors = { a1: acceptorOf('a1'), a2: acceptorOf('a2'), a3: acceptorOf('a3') };
  const learners = {
    l1: actor(learner, { id: 'l1', quorums: QUORUMS, announcesTo: ['l2'] }),
    l2: actor(learner, { id: 'l2', quorums: QUORUMS, announcesTo: [] }),
  };
  /** Hands one message to the acceptors named, and gives their answers. */
  const ask = (ids: readonly (keyof typeof acceptors)[], message: Message) =>
    ids.flatMap((id) => acceptors[id].takes(receive(message)).send);
  /** Hands messages to a proposer, and gives what it sends. */
  const tell = (id: keyof typeof proposers, messages: readonly Message[]) =>
    messages.flatMap((message) => proposers[id].takes(receive(message)).send);
  const begin = (id: keyof typeof proposers, value: string) =>
    proposers[id].takes(start(value)).send[0] as Message;
  return { proposers, acceptors, learners, ask, tell, begin };
}

describe('section 2.2', () => {
  test('a value is chosen and learned, though one acceptor hears nothing', () => {
    const { ask, tell, begin, learners } = stage();
    const [request] = tell('p1', ask(['a1', 'a2'], begin('p1', 'v1')));
    const votes = ask(['a1', 'a2'], request as Message);
    expect(votes).toHaveLength(2);
    expect(learners.l1.takes(receive(votes[0] as Message)).send).toEqual([]);
    const [decision] = learners.l1.takes(receive(votes[1] as Message)).send;
    expect(learners.l1.state.learned).toBe('v1');
    learners.l2.takes(receive(decision as Message));
    expect(learners.l2.state.learned).toBe('v1');
  });

  test('a later proposer adopts the value that one acceptor of the quorum reports', () => {
    const { ask, tell, begin, proposers } = stage();
    const [first] = tell('p1', ask(['a1', 'a2'], begin('p1', 'v1')));
    ask(['a1', 'a2'], first as Message);
    const [second] = tell('p2', ask(['a2', 'a3'], begin('p2', 'v2')));
    expect(second).toMatchObject({ type: 'accept', ballot: ballot('1.p2'), value: 'v1' });
    expect(proposers.p2.state.value).toBe('v1');
  });

  test('where only one acceptor accepted, a quorum without it is free, and one with it is bound', () => {
    for (const [quorum, value] of [
      [['a2', 'a3'], 'v2'],
      [['a1', 'a3'], 'v1'],
    ] as const) {
      const { ask, tell, begin } = stage();
      const [first] = tell('p1', ask(['a1', 'a2'], begin('p1', 'v1')));
      ask(['a1'], first as Message);
      const [second] = tell('p2', ask(quorum, begin('p2', 'v2')));
      expect(second).toMatchObject({ value });
    }
  });

  test('an old accept request comes too late for those that have promised', () => {
    const { ask, tell, begin, acceptors } = stage();
    const [first] = tell('p1', ask(['a1', 'a2'], begin('p1', 'v1')));
    const [second] = tell('p2', ask(['a2', 'a3'], begin('p2', 'v2')));
    expect(ask(['a2', 'a3'], first as Message)).toEqual([]);
    expect(ask(['a1'], first as Message)).toHaveLength(1);
    expect(ask(ACCEPTORS as ('a1' | 'a2' | 'a3')[], second as Message)).toHaveLength(3);
    expect(acceptors.a1.state.accepted).toEqual(proposal('1.p2', 'v2'));
  });
});

describe('section 2.4', () => {
  test('"two proposers each keep issuing a sequence of proposals with increasing numbers, none of which are ever chosen"', () => {
    const { ask, tell, begin } = stage({ nacks: true });
    const both = ['p1', 'p2'] as const;
    let [stale] = tell('p1', ask(['a1', 'a2'], begin('p1', 'v1')));
    for (let round = 0; round < 20; round++) {
      const [rival, owner] = round % 2 === 0 ? ([...both].reverse() as ['p2', 'p1']) : both;
      const [request] = tell(rival, ask(['a1', 'a2'], begin(rival, rival)));
      const answers = ask(['a1', 'a2'], stale as Message);
      expect(answers.map(({ type }) => type)).toEqual(['nack', 'nack']);
      expect(tell(owner, answers)).toEqual([]);
      stale = request;
    }
  });

  test('a proposer that was refused overtakes in one ballot, however far behind it was', () => {
    const { ask, tell, begin, proposers } = stage({ nacks: true });
    for (let round = 0; round < 7; round++) ask(['a1', 'a2', 'a3'], begin('p2', 'v2'));
    tell('p1', ask(['a1'], begin('p1', 'v1')));
    const [request] = tell('p1', ask(['a1', 'a3'], begin('p1', 'v1')));
    expect(request).toMatchObject({ type: 'accept', ballot: ballot('8.p1') });
    expect(proposers.p1.state.phase).toBe('accept');
  });
});

describe('section 2.5', () => {
  test('an acceptor that restarts after it has promised refuses what it would have refused before', () => {
    const { ask, tell, begin, acceptors } = stage();
    const [first] = tell('p1', ask(['a1', 'a2'], begin('p1', 'v1')));
    ask(['a1', 'a2'], begin('p2', 'v2'));
    const again = actor(
      acceptor,
      { id: 'a1', tells: [], nacks: false },
      restart(acceptor, acceptors.a1.state),
    );
    again.ignores(receive(first as Message));
  });

  test('a proposer that restarts begins in a ballot that it has not used', () => {
    const { begin, proposers } = stage();
    begin('p1', 'v1');
    const context = { id: 'p1', acceptors: ACCEPTORS, quorums: QUORUMS };
    const again = actor(proposer, context, restart(proposer, proposers.p1.state));
    expect(again.takes(start('v1')).send).toMatchObject([{ type: 'prepare', ballot: ballot('2.p1') }]);
  });
});
