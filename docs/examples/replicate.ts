/** A state machine of one's own, replicated by Multi-Paxos over a network in memory that delivers the last message first. */
import {
  encodeCommand,
  type LogMessage,
  leader,
  logAcceptor,
  majorities,
  type Role,
  replicaOf,
  type StateMachine,
  step,
} from '../../spec/index.ts';

/** The machine: an account that is never overdrawn. */
const account: StateMachine<number> = {
  initial: 0,
  apply(balance, operation) {
    const after = balance + Number(operation);
    return after < 0 ? { state: balance, reply: 'refused' } : { state: after, reply: `${after}` };
  },
};

const acceptors = ['a1', 'a2', 'a3'];
const quorums = majorities(acceptors);
const network: LogMessage[] = [];

/** An actor takes an event; what it says goes to the network, and replies are printed. A server would first save its durable state. */
function actor<C extends { id: string }, S extends object, E>(role: Role<C, S, E, LogMessage>, context: C) {
  let state = role.initial;
  return (event: unknown) => {
    const outcome = step(role, context, state, event);
    state = outcome.state;
    for (const message of outcome.send) {
      if (message.type === 'reply')
        console.log(`${message.from} answers ${message.to}: ${message.number}. ${message.reply}`);
      else network.push(message);
    }
  };
}

const p1 = actor(leader, { id: 'p1', acceptors, quorums, replicas: [], window: 10 });
const actors = new Map([['p1', p1]]);
for (const id of acceptors) actors.set(id, actor(logAcceptor, { id, tells: ['r1', 'r2'], nacks: true }));
for (const id of ['r1', 'r2'])
  actors.set(
    id,
    actor(replicaOf(account), { id, quorums, announcesTo: [], replies: true, peers: [], acceptors }),
  );

/** Delivers what was sent last first, and so on until there is nothing left. */
function deliver() {
  for (let message = network.pop(); message; message = network.pop())
    for (const id of message.to) actors.get(id)?.({ type: 'receive', message });
}

p1({ type: 'time-out' });
deliver();
for (const [number, operation] of [
  [1, '+100'],
  [2, '-30'],
  [3, '-90'],
  [2, '-30'],
  [3, '-90'],
] as const)
  p1({ type: 'request', value: encodeCommand({ client: 'ann', number, operation }) });
deliver();
