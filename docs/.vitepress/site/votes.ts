import type { Moment } from '../../../src/explorer/stepping.ts';
import type { AnySystem } from '../../../src/systems.ts';

/** What one acceptor did in one ballot. */
export interface Cell {
  readonly promised: boolean;
  /** The values for which it voted. */
  readonly values: readonly string[];
}

export interface Votes {
  readonly acceptors: readonly string[];
  /** From the highest ballot down; each with its acceptors' cells, in their order. */
  readonly rows: readonly { readonly ballot: string; readonly cells: readonly Cell[] }[];
}

interface Ballot {
  readonly round: number;
  readonly proposer: string;
}

interface Vote {
  readonly type?: unknown;
  readonly ballot?: Ballot;
  readonly value?: string;
  readonly slot?: number;
}

/** The votes and promises that were ever sent, by ballot and acceptor; empty of a system that has none of that kind. */
export function votesIn({ state }: Moment, { actors }: AnySystem): Votes {
  const acceptors = actors.filter(({ role }) => role === 'acceptor').map(({ name }) => name);
  const sent = (name: string) => (state.actors[name]?.sent ?? []) as readonly Vote[];
  const all = acceptors.flatMap((name) => sent(name).filter(({ ballot }) => ballot !== undefined));
  const key = ({ ballot, slot }: Vote) =>
    `${slot === undefined ? '' : `slot ${slot}, `}${ballot?.round}.${ballot?.proposer}`;
  const rows = new Map(
    all.filter(({ type }) => type === 'accepted' || type === 'promise').map((vote) => [key(vote), vote]),
  );
  const order = (a: Vote, b: Vote) =>
    (b.slot ?? 0) - (a.slot ?? 0) ||
    (b.ballot?.round ?? 0) - (a.ballot?.round ?? 0) ||
    ((a.ballot?.proposer ?? '') < (b.ballot?.proposer ?? '') ? 1 : -1);
  return {
    acceptors,
    rows: [...rows.entries()]
      .sort(([, a], [, b]) => order(a, b))
      .map(([ballot]) => ({
        ballot,
        cells: acceptors.map((name) => {
          const here = sent(name).filter((vote) => key(vote) === ballot);
          const values = here.flatMap(({ type, value }) =>
            type === 'accepted' && value !== undefined ? [value] : [],
          );
          return { promised: here.some(({ type }) => type === 'promise'), values };
        }),
      })),
  };
}
