import { showBallot } from './ballot.ts';
import type { RoleLocal } from './facts.ts';
import { newlySent } from './facts.ts';
import type { Message } from './message.ts';
import type { PaxosStep } from './properties.ts';
import { showProposal } from './show.ts';

/** Tells a step in the paper's words. */
export function tell(step: PaxosStep): string {
  const { actor, event, rule, before, after } = step;
  if (event.type === 'crash') return crashed(step);
  if (event.type === 'start') {
    const ballot = showBallot('ballot' in after.state ? after.state.ballot : null);
    return `proposer ${actor} starts ballot ${ballot}, to propose ${event.value} (Phase 1a)`;
  }
  const { message } = event;
  switch (rule) {
    case '1b':
      return promised(actor, newlySent(before, after, 'promise')[0]);
    case '2a':
      return `proposer ${actor} receives the promise of ${message.from}, which makes a quorum, and ${proposes(before, after)}`;
    case 'collect':
      return `proposer ${actor} receives the promise of ${message.from}`;
    case '2b':
      return `acceptor ${actor} accepts ${message.type === 'accept' ? showProposal(message) : '?'} (Phase 2b)`;
    case 'nack':
      return `acceptor ${actor} refuses ${described(message)} and says so (nack)`;
    case 'preempted':
      return `proposer ${actor} learns from ${message.from} that its ballot is pre-empted, and abandons it`;
    case 'count':
      return `learner ${actor} is told that ${message.from} accepted ${described(message)}`;
    case 'learn':
      return `learner ${actor} is told that ${message.from} accepted ${described(message)}, and learns ${learnedIn(after)}`;
    case 'learn-decision':
      return `learner ${actor} is told by ${message.from} that ${learnedIn(after)} is chosen`;
    default:
      return `${step.role} ${actor} receives ${described(message)} from ${message.from} and does nothing`;
  }
}

function crashed({ role, actor, event, before, after }: PaxosStep): string {
  const lost = event.type === 'crash' && event.lost ? ', losing its last write' : '';
  const kept = JSON.stringify(before.state) === JSON.stringify(after.state);
  return `${role} ${actor} crashes and restarts${lost}${kept ? '; nothing is lost' : ', with its durable state only'}`;
}

function promised(actor: string, promise: Extract<Message, { type: 'promise' }> | undefined): string {
  if (!promise) return `acceptor ${actor} promises again (Phase 1b)`;
  const report = promise.accepted ? `reports ${showProposal(promise.accepted)}` : 'reports nothing accepted';
  return `acceptor ${actor} promises ballot ${showBallot(promise.ballot)} and ${report} (Phase 1b)`;
}

function proposes(before: RoleLocal, after: RoleLocal): string {
  const accept = newlySent(before, after, 'accept')[0];
  return accept ? `proposes ${showProposal(accept)} (Phase 2a)` : 'proposes again (Phase 2a)';
}

function learnedIn({ state }: RoleLocal): string {
  return 'learned' in state ? `${state.learned}` : '?';
}

function described(message: Message): string {
  return 'value' in message && 'ballot' in message
    ? showProposal(message)
    : 'ballot' in message
      ? `${message.type} ${showBallot(message.ballot)}`
      : message.type;
}
