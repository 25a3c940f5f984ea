import type { NodeConfig } from '../node/config.ts';
import type { NodeStatus } from '../node/http.ts';
import type { Addresses, NodeId } from '../node/interfaces.ts';

/** How long a node may take to answer, in milliseconds. */
const PATIENCE = 2000;

/** What a node answers when it is asked how it is, or why it does not. */
export interface Asked {
  readonly id: NodeId;
  readonly http: string | undefined;
  readonly status: NodeStatus | null;
  readonly problem: string | null;
}

/** Asks all nodes how they are: those of a configuration, and those of which these tell. */
export async function survey({ nodes }: Pick<NodeConfig, 'nodes'>): Promise<Asked[]> {
  const known = new Map<NodeId, Addresses>(Object.entries(nodes));
  const answers = await Promise.all([...known].map(([id, { http }]) => ask(id, http)));
  const told = answers.flatMap(({ status }) => Object.entries(status?.members.nodes ?? {}));
  const more = new Map(told.filter(([id, at]) => at && !known.has(id)) as [NodeId, Addresses][]);
  const others = await Promise.all([...more].map(([id, { http }]) => ask(id, http)));
  return [...answers, ...others].sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
}

/** Of those that answer, one that knows of the last change, and leads if any of them does; undefined if nobody answers. */
export function bestInformed(
  answers: readonly Asked[],
): (Asked & { readonly status: NodeStatus }) | undefined {
  const known = answers.filter((each): each is Asked & { status: NodeStatus } => each.status !== null);
  const rank = ({ status }: { status: NodeStatus }) => status.members.since * 2 + Number(status.leads);
  return known.sort((a, b) => rank(b) - rank(a))[0];
}

export async function ask(id: NodeId, http: string | undefined): Promise<Asked> {
  if (http === undefined) return { id, http, status: null, problem: 'it has no http address' };
  try {
    const answer = await fetch(`http://${http}/status`, { signal: AbortSignal.timeout(PATIENCE) });
    return { id, http, status: (await answer.json()) as NodeStatus, problem: null };
  } catch (error) {
    const { message, cause } = error as Error;
    return { id, http, status: null, problem: cause instanceof Error ? cause.message || message : message };
  }
}
