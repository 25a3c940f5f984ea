/**
 * Instances of single-decree Paxos in a row, one for each slot: "the value chosen by the ith instance being the ith state machine
 * command in the sequence" (section 3). The roles are those of section 2, untouched; a process plays its role in every instance.
 */

import { plural } from '../../configuration.ts';
import type { PaxosStep } from '../../properties.ts';
import { nextRound, type ProposerState } from '../../proposer.ts';
import type { Identity, Role } from '../../role.ts';
import { restart, step } from '../../role.ts';
import type { Roles } from '../../single-decree.ts';
import { paxosRoles } from '../../single-decree.ts';
import { quorumSymmetries } from '../../symmetry.ts';
import { tell } from '../../tell.ts';
import type { LogCast } from '../configuration.ts';
import type { Slot } from '../entry.ts';
import { ballotsOf, lastBallotLost } from './ballots.ts';
import type { Decider, DeciderActor, DeciderEvent, DeciderMessage } from './decider.ts';
import { asked, valuesChosen } from './multi-paxos.ts';

/** What a process holds: by slot, from the first, the state of its role in that instance. */
interface Instances<S> {
  readonly instances: readonly S[];
}
/** A message of one instance: the slot says which. */
type InSlot = DeciderMessage & { readonly slot: Slot };
type StartIn = { readonly type: 'start'; readonly slot: Slot; readonly value: string };

const slotOf = (event: DeciderEvent): Slot =>
  'message' in event ? (event.message as InSlot).slot : (event as StartIn).slot;

/** The event as the role of that instance knows it. */
function withoutSlot(event: DeciderEvent): unknown {
  const { slot: _, ...inner } = ('message' in event ? event.message : event) as InSlot;
  return 'message' in event ? { type: 'receive', message: inner } : inner;
}

/** A process that plays a role of one instance in all of them: each slot has a state of its own, and each message its slot. */
function inSlots<C extends Identity, S extends object, E>(
  role: Role<C, S, E>,
  context: C,
  slots: readonly Slot[],
): DeciderActor {
  return {
    name: context.id,
    role: role.name,
    initial: { instances: slots.map(() => role.initial) },
    transition: (state, event) => {
      const { instances } = state as Instances<S>;
      const slot = slotOf(event);
      const { rule, state: after, send } = step(role, context, instances[slot - 1], withoutSlot(event));
      return {
        rule,
        state: { instances: instances.with(slot - 1, after) },
        send: send.map((message) => ({ ...message, slot })),
      };
    },
    restart: (state) => ({ instances: (state as Instances<S>).instances.map((each) => restart(role, each)) }),
  };
}

/** Single-decree Paxos in each slot. A proposer begins with a slot when it has begun with the one before. */
export function singleDecree(cast: LogCast, roles: Roles = paxosRoles): Decider {
  const { acceptors, leaders: proposers, replicas, quorums, slots, bounds } = cast;
  const proposer = (id: string): DeciderActor => ({
    ...inSlots(roles.proposer, { id, acceptors, quorums }, slots),
    internal: (state) => {
      const { instances } = state as Instances<ProposerState>;
      const mayStart = (slot: Slot) =>
        (slot === 1 || instances[slot - 2]?.ballot !== null) &&
        nextRound(instances[slot - 1] as ProposerState) <= (bounds[id] as number);
      return slots
        .filter(mayStart)
        .map((slot): StartIn => ({ type: 'start', slot, value: cast.asked(id, slot)[0] as string }));
    },
  });
  return {
    covers: [
      `an instance of single-decree Paxos for each slot: ${plural(acceptors.length, 'acceptor')}; in each instance ${asked(cast)}`,
    ],
    actors: [
      ...proposers.map(proposer),
      ...acceptors.map((id) => inSlots(roles.acceptor, { id, tells: replicas, nacks: false }, slots)),
    ],
    quorums,
    decided: valuesChosen(cast),
    exhausted: {
      facts: slots.map((slot) => ({
        name: `ballots in slot ${slot}`,
        of: proposers,
        view: (local, id) =>
          ballotsOf(
            id,
            local,
            bounds[id] as number,
            (message) => message.type === 'prepare' && (message as InSlot).slot === slot,
            (state) => {
              const instance = (state as Instances<ProposerState>).instances[slot - 1] as ProposerState;
              return { pursues: instance.phase !== 'idle', nextRound: nextRound(instance) };
            },
          ),
        combine: (views) => views,
      })),
      holds: lastBallotLost,
    },
    interchangeable: quorumSymmetries(acceptors, quorums),
    rules: [roles.proposer, roles.acceptor].flatMap((role) => Object.keys(role.rules)),
    idleRules: {
      nack: 'no nacks',
      preempted: 'no nacks',
      ...(acceptors.length === 1 ? { collect: 'one acceptor is a quorum' } : {}),
    },
    tell: (each) => {
      const slot = slotOf(each.event);
      const inside = ({ state, sent }: typeof each.before) => ({
        state: (state as Instances<object>).instances?.[slot - 1] ?? state,
        sent: sent.filter((message) => (message as InSlot).slot === slot),
      });
      const told = {
        ...each,
        event: withoutSlot(each.event),
        before: inside(each.before),
        after: inside(each.after),
      };
      return `in slot ${slot}, ${tell(told as unknown as PaxosStep)}`;
    },
  };
}
