import { MOST } from '../../spec/log/catch-up.ts';
import type { LogMessage, LogReceive } from '../../spec/log/message.ts';
import type { Mail } from './mail.ts';
import type { HostedReplica } from './roles.ts';
import { PARKED } from './settings.ts';

/** The replica of a node, as it learns the log, and the reads that it is to answer. One that comes before it has applied enough is on its way for longer. */
export class Learning {
  private readonly replica: HostedReplica;
  private readonly mail: Mail;
  /** Is called when more of the log is applied. */
  private readonly applied: () => void;
  private readonly reads: LogMessage[] = [];
  /** How much is applied when it has got as much as there may be in the answer to what it has asked last. */
  private answered = Number.POSITIVE_INFINITY;

  constructor(replica: HostedReplica, mail: Mail, applied: () => void) {
    this.replica = replica;
    this.mail = mail;
    this.applied = applied;
  }

  /** It asks others for what it lacks. */
  ask(): void {
    this.answered = this.replica.state.applied + MOST;
    this.mail.put(this.replica.take({ type: 'catch-up' }));
  }

  /** It forgets what it has applied. What that has led to is a snapshot for whoever asks: most lack nothing of it. */
  truncate(): void {
    this.mail.put(this.replica.take({ type: 'truncate' }, ({ type }) => type !== 'snapshot'));
  }

  /** It takes an event, with which it may come to apply more of the log. */
  take(event: LogReceive): void {
    const { applied } = this.replica.state;
    this.mail.put(this.replica.take(event));
    if (this.replica.state.applied === applied) return;
    // There is more where that came from: were it to wait, the log might grow faster than it learns.
    if (event.message.type !== 'accepted' && this.replica.state.applied >= this.answered) this.ask();
    for (const message of this.reads.splice(0)) this.read({ type: 'receive', message });
    this.applied();
  }

  /** It is to answer a read. */
  read(event: LogReceive): void {
    const { message } = event;
    if (message.type !== 'read-index') return;
    if (this.replica.state.applied >= message.index) this.mail.put(this.replica.take(event));
    else if (this.reads.length < PARKED) this.reads.push(message);
  }
}
