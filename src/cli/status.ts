import type { NodeStatus } from '../node/http.ts';
import { colors as pc } from './colors.ts';

/** How long a node may take to answer, in milliseconds. */
const PATIENCE = 2000;

/**
 * `synod status`: asks every node of a configuration how it is.
 *
 * @returns the exit status: 0 all nodes answer and know one leader, 1 something is amiss
 */
export async function runStatus({
  config: file,
  json = false,
}: {
  config: string;
  json?: boolean;
}): Promise<number> {
  const { readConfig } = await import('../node/config.ts');
  const { nodes } = readConfig(file);
  const answers = await Promise.all(
    Object.entries(nodes).map(async ([id, { http }]) => ({ id, ...(await ask(http)) })),
  );
  const leaders = new Set(answers.map(({ status }) => status?.leader ?? null));
  const fine = leaders.size === 1 && !leaders.has(null);
  if (json) process.stdout.write(`${JSON.stringify({ fine, nodes: answers })}\n`);
  else process.stdout.write(`${[...answers.map(row), pc.bold(verdict(fine, leaders))].join('\n')}\n`);
  return fine ? 0 : 1;
}

interface Asked {
  readonly status: NodeStatus | null;
  readonly problem: string | null;
}

async function ask(http: string | undefined): Promise<Asked> {
  if (http === undefined) return { status: null, problem: 'it has no http address' };
  try {
    const answer = await fetch(`http://${http}/status`, { signal: AbortSignal.timeout(PATIENCE) });
    return { status: (await answer.json()) as NodeStatus, problem: null };
  } catch (error) {
    const { message, cause } = error as Error;
    return { status: null, problem: cause instanceof Error ? cause.message || message : message };
  }
}

function row({ id, status, problem }: Asked & { readonly id: string }): string {
  if (!status) return `${id}  ${pc.red('no answer')}: ${problem}`;
  const { leads, leader, applied, truncated, keys, connected, clients } = status;
  const part = leads ? 'leads  ' : leader === null ? 'alone  ' : 'follows';
  return `${id}  ${part}  applied ${applied} (truncated ${truncated})  ${keys} keys  connected to ${connected.join(', ') || 'nobody'}  ${clients.open} clients`;
}

function verdict(fine: boolean, leaders: ReadonlySet<string | null>): string {
  if (fine) return `✓ all nodes answer and follow ${[...leaders][0]}`;
  return '✗ not all nodes answer and follow one leader';
}
