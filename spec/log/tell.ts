import { showBallot } from '../ballot.ts';
import { NO_OP, showSlotProposal } from './entry.ts';
import { type LogLocal, type LogStep, logNewlySent } from './facts.ts';
import type { LogMessage } from './message.ts';
import { showLogMessage, showReport } from './show.ts';

/** Tells a step in the paper's words. */
export function tellLog(step: LogStep): string {
  const { actor, event, rule, before, after } = step;
  if (event.type === 'crash') return crashed(step);
  if (event.type === 'time-out') {
    const prepare = logNewlySent(before, after, 'prepare')[0];
    const ballot = 'ballot' in after.state ? after.state.ballot : null;
    return `leader ${actor} starts ballot ${showBallot(ballot)} for slot ${prepare?.first ?? '?'} and all after it (Phase 1a)`;
  }
  if (event.type === 'request') {
    return rule === null
      ? `leader ${actor} is asked for ${event.value} and does nothing`
      : `leader ${actor} is asked for ${event.value} and proposes ${proposed(before, after)} (Phase 2a)`;
  }
  if (event.type === 'truncate') {
    const slot = 'truncated' in after.state ? after.state.truncated : '?';
    return `replica ${actor} forgets what was chosen up to slot ${slot}, and says what it has led to`;
  }
  if (event.type === 'beat') return `leader ${actor} says that it leads`;
  if (event.type === 'resend') return `leader ${actor} asks again for what it has asked for in its ballot`;
  if (event.type === 'catch-up')
    return `replica ${actor} asks the others what is chosen after what it has applied`;
  if (event.type === 'invoke') return `client ${actor} asks for the ${event.kind} ${event.operation}`;
  return received(step, event.message);
}

function received({ actor, role, rule, before, after }: LogStep, message: LogMessage): string {
  switch (rule) {
    case '1b': {
      const promise = logNewlySent(before, after, 'promise')[0];
      return `acceptor ${actor} promises ballot ${'ballot' in message ? showBallot(message.ballot) : '?'} for all slots and reports ${promise ? showReport(promise) : 'as before'} (Phase 1b)`;
    }
    case '2a':
      return `leader ${actor} receives the promise of ${message.from}, which makes a quorum, and proposes ${proposed(before, after)} (Phase 2a)`;
    case 'collect':
      return `leader ${actor} receives the promise of ${message.from}`;
    case '2b':
      return `acceptor ${actor} accepts ${message.type === 'accept' ? showSlotProposal(message) : '?'} (Phase 2b)`;
    case 'nack':
      return `acceptor ${actor} refuses ${showLogMessage(message)} and says so (nack)`;
    case 'preempted':
      return `leader ${actor} learns from ${message.from} that it is deposed, and steps down`;
    case 'follow':
      return `leader ${actor} hears the ${showLogMessage(message)} of ${message.from}, ${stands(before)}`;
    case 'supply':
      return `replica ${actor} is asked by ${message.from} what is chosen after slot ${'after' in message ? message.after : '?'}, and tells it what it knows`;
    case 'propose':
      return `leader ${actor} is asked by ${message.from} for ${'value' in message ? message.value : '?'} and proposes ${proposed(before, after)} (Phase 2a)`;
    case 'read':
      return `leader ${actor} is asked by ${message.from} for a read, and asks acceptors whether it still leads`;
    case 'confirm':
      return `acceptor ${actor} confirms to ${message.from} that it has promised no higher ballot`;
    case 'count-confirmed':
      return `leader ${actor} is confirmed by ${message.from}`;
    case 'read-index':
      return `leader ${actor} is confirmed by ${message.from}, which is enough, and hands over ${logNewlySent(before, after, 'read-index').map(showLogMessage).join(' and ') || 'the read'}`;
    case 'answer':
      return `replica ${actor} gives to ${showLogMessage(message)} the ${answered(before, after)}`;
    case 'return':
      return `client ${actor} is answered by ${message.from}: ${'reply' in message && message.reply ? message.reply : 'nothing'}`;
    case 'forget':
      return `acceptor ${actor} is told by ${message.from} that the log is ${showLogMessage(message)}, and forgets what it accepted there`;
    case 'install':
      return `replica ${actor} receives the ${showLogMessage(message)} from ${message.from}, and goes on from there`;
    case 'decided':
      return `leader ${actor} is told by ${message.from} of the ${showLogMessage(message)}`;
    case 'count':
      return `replica ${actor} is told that ${message.from} ${showLogMessage(message)}`;
    case 'learn':
      return `replica ${actor} is told that ${message.from} ${showLogMessage(message)}, and learns it${effects(before, after)}`;
    case 'learn-decision':
      return `replica ${actor} is told by ${message.from} of the ${showLogMessage(message)}${effects(before, after)}`;
    default:
      return `${role} ${actor} receives ${showLogMessage(message)} from ${message.from} and does nothing`;
  }
}

function stands({ state }: LogLocal): string {
  return 'phase' in state && state.phase !== 'idle' ? 'and steps down' : 'and waits';
}

function proposed(before: LogLocal, after: LogLocal): string {
  const accepts = logNewlySent(before, after, 'accept').map(
    (accept) => `${showSlotProposal(accept)}${accept.value === NO_OP ? ', a hole' : ''}`,
  );
  return accepts.join(' and ') || 'nothing yet';
}

function answered(before: LogLocal, after: LogLocal): string {
  return logNewlySent(before, after, 'reply').map(showLogMessage).join(' and ') || 'same reply again';
}

function effects({ state: was }: LogLocal, { state: is }: LogLocal): string {
  if (!('applied' in was) || !('applied' in is)) return '';
  return is.applied === was.applied
    ? ', which has to wait for a slot before it'
    : `, and has applied the log up to slot ${is.applied}`;
}

function crashed({ role, actor, event, before, after }: LogStep): string {
  const lost = event.type === 'crash' && event.lost ? ', losing its last write' : '';
  const kept = JSON.stringify(before.state) === JSON.stringify(after.state);
  return `${role} ${actor} crashes and restarts${lost}${kept ? '; nothing is lost' : ', with its durable state only'}`;
}
