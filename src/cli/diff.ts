import { PaxosConfiguration } from '../../spec/index.ts';
import { showMessage } from '../../spec/show.ts';
import { type Comparison, compare, type Difference, type Kind } from '../foreign/diff.ts';
import type { ForeignRole } from '../foreign/role.ts';
import { showInput } from '../foreign/told.ts';
import { InputError } from '../input-error.ts';
import { machinesOf } from '../vectors/machine.ts';
import { systemOf } from './check.ts';
import { colors as pc } from './colors.ts';
import { isForeign, withRoles } from './foreign.ts';
import { checkRequest, EVERY_RULE } from './options.ts';
import { digits } from './print.ts';
import { FOREIGN, flagName } from './request.ts';

/** The actors of one program beside ours. */
interface Compared {
  readonly role: ForeignRole['name'];
  readonly command: string;
  readonly actors: readonly Comparison[];
}

/** What a kind of difference amounts to, in words; the kinds that may matter first. */
const AMOUNTS: Readonly<Record<Kind, string>> = {
  finding: 'it does not answer as it should',
  other: 'it may matter: synod check says whether it does',
  less: 'harmless by itself: what it does not send could have been lost',
  again: 'harmless by itself: it has sent this before, and the network could deliver that again',
  nack: 'harmless: nacks are advice',
};

/** `synod diff`: where programs do not send what our roles send. Returns the exit status. */
export async function runDiff({ json = false, ...given }: Record<string, unknown>): Promise<number> {
  const request = checkRequest('paxos', { ...EVERY_RULE, ...given });
  if (!isForeign(request.run))
    throw new InputError(
      `diff: no program is named: expected ${FOREIGN.map((role) => `${flagName(role)} <command>`).join(', ')}`,
    );
  const built = await systemOf(request);
  const configuration = PaxosConfiguration.parse(built.configuration);
  const machines = await machinesOf(configuration);
  const compared = await withRoles(configuration, request.run, async (roles) =>
    roles.map(
      (role): Compared => ({
        role: role.name,
        command: role.options.command,
        actors: machines
          .filter(({ self }) => self.role === role.name)
          .map((each) => compare(each, role, configuration.crashes)),
      }),
    ),
  );
  process.stdout.write(`${json ? JSON.stringify(compared) : compared.map(printed).join('\n\n')}\n`);
  const actors = compared.flatMap((each) => each.actors);
  if (actors.some(({ differences }) => differences.length > 0)) return 1;
  return actors.some(({ isCut }) => isCut) ? 3 : 0;
}

function printed({ role, command, actors }: Compared): string {
  return [`${pc.bold(role)} ${command}`, ...actors.flatMap(rows)].join('\n');
}

function rows({ actor, steps, differences, isCut }: Comparison): string[] {
  const count = differences.reduce((sum, { times }) => sum + times, 0);
  const cut = isCut ? ', and not all that there is to compare' : '';
  const verdict =
    count === 0
      ? pc.green(`✓ sends what ours sends, in ${digits(steps)} steps${cut}`)
      : `differs in ${digits(count)} of ${digits(steps)} steps${cut}`;
  const kinds = Object.keys(AMOUNTS) as Kind[];
  const sorted = [...differences].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  return [`  ${actor} ${verdict}`, ...sorted.flatMap(row)];
}

function row({ kind, times, example }: Difference): string[] {
  const { path, input, ours, theirs, text } = example;
  const sends = (messages: typeof ours) =>
    messages.map((message) => showMessage(message)).join(', ') || 'nothing';
  return [
    '',
    `    ${digits(times)} × ${AMOUNTS[kind]}`,
    `      ${path.length === 0 ? 'at first' : `after ${path.map(showInput).join(', ')}`}, asked ${showInput(input)}`,
    ...(text === undefined
      ? [`      it sends ${sends(theirs)}; ours sends ${sends(ours)}`]
      : [`      ${text}`]),
  ];
}
