import { type Ballot, compareBallots } from '../../spec/ballot.ts';
import { patience } from '../../spec/log/election.ts';
import type { LeaderEvent, LeaderState, ReplicaEvent, ReplicaState } from '../../spec/log/states.ts';
import type { Random } from './interfaces.ts';
import type { Settings } from './settings.ts';

/** What may be due, of a leader and of the replica beside it. */
type Due = Exclude<LeaderEvent['type'] | ReplicaEvent['type'], 'receive' | 'request'>;

/** Tells what is due. Roles know no time: that time has passed comes to them as an event. */
export class Watch {
  private readonly settings: Settings;
  private readonly random: Random;
  private patientUntil = 0;
  private beatAt = Number.NEGATIVE_INFINITY;
  private resendAt = 0;
  private askAt = 0;
  private ballot: Ballot | null = null;
  private chosenUpTo = 0;
  private applied = 0;
  /** Up to where the leader was told, or is yet to be, that slots are applied. */
  private told = 0;

  constructor(settings: Settings, random: Random, now: number, state: LeaderState) {
    this.settings = settings;
    this.random = random;
    this.ballot = state.ballot;
    this.wait(state, now);
    this.askAt = now;
  }

  /** It begins to wait anew: a ballot was begun, or a leader was heard of. */
  wait(state: LeaderState, now: number): void {
    this.patientUntil = now + this.settings.election * patience(state) * (1 + this.random());
  }

  /** The leader may be no more: it waits no longer than this. */
  hurry(until: number): void {
    this.patientUntil = Math.min(this.patientUntil, until);
  }

  /** What is due now, in the order in which it is to be taken. */
  due(now: number, leader: LeaderState, replica: ReplicaState): Due[] {
    const due: Due[] = [];
    const { heartbeat, resend, keptSlots } = this.settings;
    if (leader.phase === 'lead') {
      if (now - this.beatAt >= heartbeat) due.push('beat');
    } else if (now >= this.patientUntil) due.push('time-out');
    if (due.includes('beat')) this.beatAt = now;
    // Nothing is lost as long as it goes on.
    if (leader.chosenUpTo !== this.chosenUpTo || compareBallots(leader.ballot, this.ballot) !== 0)
      this.resendAt = now + resend;
    else if (
      now >= this.resendAt &&
      leader.phase !== 'idle' &&
      (leader.phase === 'prepare' || leader.proposed.length > 0)
    ) {
      this.resendAt = now + resend;
      due.push('resend');
    }
    if (replica.applied !== this.applied) this.askAt = now + resend;
    else if (now >= this.askAt) {
      this.askAt = now + resend;
      due.push('catch-up');
    }
    // A leader is told of what the replica beside it has learned from votes. What that has learned from others, or before a restart, it is told by a truncation:
    // by one at a time, since it comes to the leader when it is on disk.
    const isLeaderBehind = replica.applied > leader.chosenUpTo && this.told <= leader.chosenUpTo;
    if (replica.applied - replica.truncated >= keptSlots || isLeaderBehind) {
      this.told = replica.applied;
      due.push('truncate');
    }
    this.ballot = leader.ballot;
    this.chosenUpTo = leader.chosenUpTo;
    this.applied = replica.applied;
    return due;
  }
}
