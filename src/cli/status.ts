import { colors as pc } from './colors.ts';
import { type Asked, bestInformed, survey } from './survey.ts';

/**
 * `synod status`: asks every node of a configuration, and those of which they tell, how it is.
 *
 * @returns the exit status: 0 all nodes that take part answer and know one leader, 1 something is amiss
 */
export async function runStatus({
  config: file,
  json = false,
}: {
  config: string;
  json?: boolean;
}): Promise<number> {
  const { readConfig } = await import('../node/config.ts');
  const answers = await survey(readConfig(file));
  const members = bestInformed(answers)?.status.members;
  const taking = answers.filter(({ id }) => !members || Object.hasOwn(members.nodes, id));
  const leaders = new Set(taking.map(({ status }) => status?.leader ?? null));
  const fine = leaders.size === 1 && !leaders.has(null);
  const nodes = answers.map(({ http: _, ...rest }) => rest);
  if (json) process.stdout.write(`${JSON.stringify({ fine, nodes })}\n`);
  else process.stdout.write(`${[...answers.map(row), pc.bold(verdict(fine, leaders))].join('\n')}\n`);
  return fine ? 0 : 1;
}

function row({ id, status, problem }: Asked): string {
  if (!status) return `${id}  ${pc.red('no answer')}: ${problem}`;
  const { applied, truncated, keys, connected, clients } = status;
  return `${id}  ${partOf(status)}  applied ${applied} (truncated ${truncated})  ${keys} keys  connected to ${connected.join(', ') || 'nobody'}  ${clients.open} clients`;
}

/** What a node does. */
function partOf({ leads, leader, part }: NonNullable<Asked['status']>): string {
  if (part === 'removed') return 'removed';
  if (part === 'listens') return 'listens';
  return leads ? 'leads  ' : leader === null ? 'alone  ' : 'follows';
}

function verdict(fine: boolean, leaders: ReadonlySet<string | null>): string {
  if (fine) return `✓ all nodes answer and follow ${[...leaders][0]}`;
  return '✗ not all nodes answer and follow one leader';
}
