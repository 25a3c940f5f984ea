import { Hand } from '../kernel/hand.ts';
import { Layout } from '../layout.ts';
import { Abandoned, Board, Order, Question } from './board.ts';
import { Exchange, type ExchangeArrays } from './exchange.ts';
import type { CrewMemory, Mail, Outline } from './mail.ts';
import { Memo } from './memo.ts';
import { SharedLog } from './shared-log.ts';
import { Thread } from './thread.ts';

/** What a worker thread is given when it begins: its number, and what it shares with the others. */
export interface Post extends CrewMemory {
  readonly worker: number;
}

/** What a worker has of a run. */
interface Run {
  readonly memo: Memo;
  readonly thread: Thread;
  /** States to be looked at, each with its look: the main thread takes them by the desk. */
  readonly queue: Int32Array;
  queued: number;
}

/**
 * The life of a worker thread: it does what the main thread orders, and asks it what it does not know.
 *
 * @param receive the next mail, if it has come
 */
export function work({ worker, words, desks }: Post, receive: () => Mail | undefined): void {
  const board = new Board(words, desks);
  const member = new Member(worker, board);
  let received = board.mail(worker);
  let last = board.enter(worker);
  try {
    for (;;) {
      last = board.await(last);
      while (received < board.mail(worker)) {
        const mail = receive();
        if (mail === undefined) continue;
        received += 1;
        member.hear(mail);
      }
      try {
        member.obey(board.get('order') as Order);
      } catch (error) {
        if (!(error instanceof Abandoned)) throw error;
      }
      board.done(worker, member.bytes);
    }
  } catch (error) {
    board.fail(worker, error instanceof Error ? error.message : String(error));
  }
}

class Member {
  private readonly worker: number;
  private readonly board: Board;
  private readonly desk: Int32Array;
  private outline: Outline | null = null;
  private layout: Layout | null = null;
  private run: Run | null = null;
  private hand: Hand | null = null;

  constructor(worker: number, board: Board) {
    this.worker = worker;
    this.board = board;
    this.desk = board.desks[worker] as Int32Array;
  }

  get bytes(): number {
    return this.run ? this.run.thread.states.bytes + this.run.memo.bytes : 0;
  }

  hear(mail: Mail): void {
    switch (mail.kind) {
      case 'run':
        this.outline = mail.outline;
        this.run = null;
        this.hand = null;
        break;
      case 'kernel':
        this.hand = Hand.lent(mail.handshake, this.board, 1 + this.worker);
        break;
      case 'layout':
        this.layout = new Layout(mail.needed);
        if (this.run) this.run.thread.log = new SharedLog(this.layout.words);
        break;
      case 'exchange':
        if (this.run) this.run.thread.exchange = new Exchange(mail.arrays);
        else this.run = this.begin(mail.arrays);
        break;
      case 'states': {
        const thread = this.thread();
        const count = mail.states.length / thread.layout.words;
        thread.states.addAll(mail.states, count, new Int32Array(count));
        break;
      }
      case 'chunk':
        this.thread().log.put(mail.chunk);
        break;
      default:
        this.run = null;
        this.hand = null;
    }
  }

  obey(order: Order): void {
    if (order === Order.none) return;
    if (this.hand) lend(this.hand, order);
    else this.explore(order);
  }

  private explore(order: Order): void {
    const thread = this.thread();
    const { memo } = this.run as Run;
    const learn = () => memo.learn(this.board.get('locals'));
    if (order === Order.expand) {
      thread.log.forget(this.board.get('first'), false);
      learn();
      thread.expand();
    } else if (order === Order.add) {
      thread.add();
    } else if (order === Order.append) {
      learn();
      thread.append();
      this.handOver();
    } else {
      thread.repack(this.layout as Layout);
    }
  }

  private thread(): Thread {
    return (this.run as Run).thread;
  }

  private begin(arrays: ExchangeArrays): Run {
    const outline = this.outline as Outline;
    const layout = this.layout as Layout;
    const memo = new Memo(outline, this.desk, (...asked) => this.board.ask(this.worker, ...asked));
    const tables = {
      ...{ finder: memo.finder, by: memo.by, to: memo.to, looks: memo.looks, orbits: memo.orbits },
      both: (one: number, other: number) => memo.both(one, other),
      evaluate: (look: number, locals: Int32Array) => this.evaluate(look, locals),
    };
    const thread = new Thread(1 + this.worker, outline.fields, this.board, tables, layout, arrays);
    return { memo, thread, queue: new Int32Array(this.desk.length), queued: 0 };
  }

  /** Has the main thread look at a state, unless one that looks the same was looked at lately. */
  private evaluate(look: number, locals: Int32Array): void {
    const run = this.run as Run;
    const recall = run.memo.recall(look);
    if (recall.find(locals) !== -1) return;
    recall.keep(0);
    if (run.queued + 1 + locals.length > run.queue.length) this.handOver();
    run.queue[run.queued] = look;
    run.queue.set(locals, run.queued + 1);
    run.queued += 1 + locals.length;
  }

  private handOver(): void {
    const run = this.run as Run;
    if (run.queued === 0) return;
    this.desk.set(run.queue.subarray(0, run.queued));
    const states = run.queued / (1 + (this.outline as Outline).fields);
    run.queued = 0;
    this.board.ask(this.worker, Question.evaluate, states);
  }
}

/** Does a hand's part in an order. */
function lend(hand: Hand, order: Order): void {
  hand.adopt();
  if (order === Order.expand) hand.expand();
  else hand.place();
}
