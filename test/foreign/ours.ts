/**
 * Our roles, or a mutant's, as a program that speaks the protocol: `ours.ts MUTANT KIND CONFIGURATION`, where MUTANT may be
 * `none`, KIND is stateless, stateful or history, and CONFIGURATION is JSON.
 */
import { createInterface } from 'node:readline';
import {
  castOf,
  MultiPaxosConfiguration,
  PaxosConfiguration,
  paxosRoles,
  type Role,
  restart,
  step,
} from '../../spec/index.ts';
import { logCastOf } from '../../spec/log/configuration.ts';
import { logRoles } from '../../spec/log/multi-paxos.ts';
import { logMutants } from '../../spec/log/mutants/index.ts';
import type { ReplicaState } from '../../spec/log/states.ts';
import { findMutant } from '../../spec/mutants/index.ts';
import type { Question, Self } from '../../src/foreign/protocol.ts';

const [mutant = '', kind = '', bounds = ''] = process.argv.slice(2);
const read = JSON.parse(bounds) as object;
const configuration =
  'leaders' in read ? MultiPaxosConfiguration.parse(read) : PaxosConfiguration.parse(read);
const roles = 'leaders' in configuration ? ofLog(configuration) : ofOne(configuration);

function ofOne(one: PaxosConfiguration) {
  return findMutant(mutant)?.roles?.(paxosRoles, castOf(one)) ?? paxosRoles;
}

function ofLog(log: MultiPaxosConfiguration) {
  const found = logMutants.find(({ name }) => name === mutant);
  const { acceptor, leader, replica } = found?.roles(logRoles, logCastOf(log)) ?? logRoles;
  return { 'log-acceptor': acceptor, leader, replica };
}

// biome-ignore lint/suspicious/noExplicitAny: whichever role is asked for
type AnyRole = Role<any, object, any>;
function contextOf(self: Self) {
  const election = self.role === 'leader' && self.peers && { peers: self.peers, backOff: 0 };
  return { ...self, nacks: configuration.nacks, ...(election ? { election } : {}) };
}

/** What a replica shows of the log. */
function shown(self: Self): object {
  if (self.role !== 'replica') return {};
  const { votes: _votes, ...log } = state as ReplicaState;
  return { log };
}

/** A learner of another make tells what it has learned: nobody knows where in its state to look for it. */
function learnedNow(before: unknown, after: unknown): object[] {
  const [was, is] = [before, after].map((each) => (each as { learned?: string | null }).learned);
  return is && is !== was ? [{ type: 'decision', value: is, to: [] }] : [];
}

let me: Self | undefined;
let state: unknown;

function answer(question: Question): object {
  if (question.type === 'hello') {
    const writeBehind =
      question.role === 'acceptor' && 'acceptorWritesBehind' in roles && roles.acceptorWritesBehind === true;
    return { protocol: 1, kind: kind === 'stateless' ? kind : 'stateful', restart: true, writeBehind };
  }
  if (question.type === 'init' || question.type === 'reset') me = question.self;
  else if (question.self) me = question.self;
  const self = me as Self;
  const role = (roles as unknown as Record<Self['role'], AnyRole>)[self.role];
  if ('state' in question) state = question.state;
  let send: unknown;
  if (question.type === 'init' || question.type === 'reset') state = role.initial;
  else if (question.type === 'restart') state = restart(role, state);
  else {
    const outcome = step(role, contextOf(self), state, question.event);
    send = [...outcome.send, ...learnedNow(state, outcome.state)];
    state = outcome.state;
  }
  return {
    ...(kind === 'history' ? {} : { state }),
    ...shown(self),
    ...(send === undefined ? {} : { send }),
  };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line) as Question & { id: number };
  process.stdout.write(`${JSON.stringify({ id: question.id, ...answer(question) })}\n`);
});
