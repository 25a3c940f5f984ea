import { NO_OP } from '../../spec/log/entry.ts';
import { hasPromises, isOutgrown, mayPropose } from '../../spec/log/leader.ts';
import type { LogMessage, LogReceive } from '../../spec/log/message.ts';
import { mayRead } from '../../spec/log/reads.ts';
import { changesIn, succession } from '../../spec/log/reconfiguration.ts';
import type { LeaderEvent } from '../../spec/log/states.ts';
import { nodeOf } from './cast.ts';
import type { Clock, NodeId } from './interfaces.ts';
import type { Mail } from './mail.ts';
import type { Membership } from './membership.ts';
import type { HostedLeader } from './roles.ts';
import { PARKED, type Settings } from './settings.ts';
import type { Watch } from './watch.ts';

/** What the leader of a node has around it. */
interface Around {
  readonly id: NodeId;
  readonly leader: HostedLeader;
  readonly membership: Membership;
  readonly mail: Mail;
  readonly watch: Watch;
  readonly clock: Clock;
  readonly settings: Pick<Settings, 'changesAfter'>;
  /** Another node leads than before, as far as is known, or none. */
  readonly turned: () => void;
}

/** The leader of a node, what it is asked for, and whom it follows while it does not lead. Of what comes too early it keeps nothing: here it is as if it were still on its way. */
export class Leading {
  private readonly around: Around;
  /** Until the leader's window moves. */
  private requests: LogMessage[] = [];
  /** Until it is known who is to say that this node leads. */
  private reads: LogMessage[] = [];

  constructor(around: Around) {
    this.around = around;
  }

  /** It takes an event: it may come to lead, to follow another, or to have room for what has waited. */
  take(event: LeaderEvent): void {
    const { leader, mail, watch, clock } = this.around;
    const before = leader.state;
    mail.put(leader.take(event));
    const { state } = leader;
    if (state === before) return;
    const begun = state.ballot !== before.ballot;
    const heard = event.type === 'receive' && event.message.type === 'heartbeat';
    const elected = state.phase === 'lead' && before.phase !== 'lead';
    const deposed = state.phase !== 'lead' && before.phase === 'lead';
    if (begun || heard || elected || deposed) watch.wait(state, clock.now());
    if (elected) this.take({ type: 'beat' });
    this.follow();
    this.goOn();
  }

  /** Time has passed. Whoever does not vote begins no ballot, nor goes on to say that it leads where it leads nobody. */
  due(type: 'beat' | 'time-out' | 'resend'): void {
    const { leader, membership } = this.around;
    const leads = leader.state.phase === 'lead' && !isOutgrown(leader.context, leader.state);
    if (type === 'resend' || membership.part === 'votes' || leads) this.take({ type });
  }

  /** It is asked for a command. */
  request(event: LogReceive): void {
    const { leader, mail } = this.around;
    const { message } = event;
    if (message.type === 'request' && this.isOutdated(message.value)) return;
    if (mayPropose(leader.state, leader.context)) mail.put(leader.take(event));
    else this.park(this.requests, message);
  }

  /** It is asked for a read. */
  read(event: LogReceive): void {
    const { leader, mail } = this.around;
    if (mayRead(leader.context, leader.state)) mail.put(leader.take(event));
    else this.park(this.reads, event.message);
  }

  private park(queue: LogMessage[], message: LogMessage): void {
    if (this.around.leader.state.phase === 'lead' && queue.length < PARKED) queue.push(message);
  }

  /** Whether a change of the nodes is asked for that would not count, or while another is under way: many of these would only fill the log. */
  private isOutdated(value: string): boolean {
    const [change] = changesIn([{ slot: 1, value }]);
    if (!change) return false;
    const { changes, proposed, reported } = this.around.leader.state;
    return (
      (change.after ?? 0) !== (succession(changes).at(-1)?.slot ?? 0) ||
      changesIn([...proposed, ...reported]).length > 0
    );
  }

  /** Requests go to whoever leads; to another, they go again. */
  private follow(): void {
    const { id, leader, mail, turned } = this.around;
    const { phase, following } = leader.state;
    // Who begins a ballot has given up whom it followed.
    const followed = phase === 'idle' && following ? nodeOf(following.proposer) : null;
    const node = phase === 'lead' ? id : followed;
    if (node === mail.leader) return;
    mail.leader = node;
    this.requests = [];
    this.reads = [];
    turned();
  }

  /** Takes what has waited; brings a change in force, for which slots have to pass; and begins another ballot where it is for others to vote, or comes to know too late what it had to. */
  private goOn(): void {
    const { leader, membership, mail, settings } = this.around;
    while (this.requests.length > 0 && mayPropose(leader.state, leader.context))
      this.request({ type: 'receive', message: this.requests.shift() as LogMessage });
    while (this.reads.length > 0 && mayRead(leader.context, leader.state))
      this.read({ type: 'receive', message: this.reads.shift() as LogMessage });
    const last = succession(leader.state.changes).at(-1);
    const from = last ? last.slot + settings.changesAfter : 0;
    while (leader.state.next < from && mayPropose(leader.state, leader.context))
      mail.put(leader.take({ type: 'request', value: NO_OP }));
    // It had to be told what is truncated, and is: nobody promises twice in a ballot, so that it would wait in vain.
    const { state } = leader;
    const isToldLate = state.phase === 'prepare' && hasPromises(leader.context, state, state.promises);
    // Whoever is to vote no more leaves that to the others.
    if ((isToldLate || isOutgrown(leader.context, state)) && membership.part === 'votes')
      this.take({ type: 'time-out' });
  }
}
