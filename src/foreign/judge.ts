import type { Report } from '../../model-check/index.ts';
import type { ForeignRole } from './role.ts';

/** What came of asking a program for the same again. */
export interface Repeated {
  /** Questions asked once more, in a new process and in another order. */
  readonly questions: number;
  /** Of a stateful program that tells its state: questions asked once more after another way to the same state, of how many. */
  readonly ways?: { readonly asked: number; readonly of: number };
}

type Foreign = NonNullable<Report['foreign']>[number];

/**
 * The report of a system with foreign roles. What it comes to is decided by the requirements, or by the properties that were
 * asked for: an implementation that breaks a lemma differs from ours, and may be as safe. Nothing holds of programs that have
 * not answered as they should, or whose states are not known.
 *
 * @param asked the properties that were asked for by name
 */
export function judged(
  report: Report,
  roles: readonly ForeignRole[],
  repeated: ReadonlyMap<ForeignRole, Repeated>,
  asked: readonly string[] | undefined,
): Report {
  const stopped = reasonToDoubt(report, roles, repeated);
  const properties = report.properties.map((property) =>
    stopped !== null && property.verdict === 'holds'
      ? { ...property, verdict: 'incomplete' as const }
      : property,
  );
  const deciding = properties.filter(({ kind, name }) => kind === 'requirement' || asked?.includes(name));
  const isViolated = deciding.some(({ verdict }) => verdict === 'violated');
  const { counterexample, ...rest } = report;
  const shown = counterexample && deciding.some(({ name }) => name === counterexample.property);
  return {
    ...rest,
    properties,
    stopped,
    verdict: isViolated ? 'violated' : stopped === null ? 'holds' : 'incomplete',
    ...(shown ? { counterexample } : {}),
    foreign: roles.map((role) => told(role, repeated.get(role))),
  };
}

/** Why it cannot be said that anything holds, if so. */
function reasonToDoubt(
  { stopped }: Report,
  roles: readonly ForeignRole[],
  repeated: ReadonlyMap<ForeignRole, Repeated>,
): string | null {
  const findings = roles.flatMap((role) => role.findings);
  const [growth] = findings.filter(({ kind }) => kind === 'grows');
  if (growth) return `growth without end: ${growth.text}`;
  if (stopped !== null) return stopped;
  if (findings[0]) return `a program that is not well-behaved: ${findings[0].text}`;
  const hidden = roles.find(({ kind }) => kind === 'history');
  if (hidden)
    return `the bound of ${hidden.options.maxDeliveries} deliveries to each of ${hidden.actors.join(', ')}, whose program does not tell its state`;
  const unsure = roles.find((role) => (repeated.get(role)?.questions ?? 0) < role.answered().length);
  return unsure ? 'an interrupt, before all questions were asked once more' : null;
}

function told(role: ForeignRole, repeated: Repeated | undefined): Foreign {
  const { name, actors, options, kind, questions, lines } = role;
  return {
    role: name,
    actors: [...actors],
    command: options.command,
    kind,
    questions,
    lines,
    repeated: repeated?.questions ?? 0,
    ...(repeated?.ways ? { otherWays: repeated.ways } : {}),
    findings: role.findings.map(({ kind: what, actor, text }) => ({ kind: what, actor, text })),
  };
}
