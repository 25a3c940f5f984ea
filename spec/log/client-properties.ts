import type { Clause, Observer } from '../../model-check/system.ts';
import type { ClientScript, LogCast, MultiPaxosConfiguration } from './configuration.ts';
import {
  HISTORY,
  type LogEvent,
  type LogFacts,
  type LogProperty,
  type LogRoleState,
  type LogSituation,
  type LogStep,
} from './facts.ts';
import { journal, READ } from './journal.ts';
import { type Asked, emptyHistory, type History, invoked, returned } from './linearizability.ts';
import type { LogMessage } from './message.ts';

type LogClause = Clause<LogRoleState, LogMessage>;

/** What happens between a client and its user. */
type Call = { readonly client: string } & ({ readonly asked: Asked } | { readonly reply: string });

function callOf({ actor, rule, event, after }: LogStep): Call | undefined {
  if (rule === 'invoke' && 'pending' in after.state && after.state.pending)
    return { client: actor, asked: after.state.pending };
  if (rule === 'return' && event.type === 'receive' && event.message.type === 'reply')
    return { client: actor, reply: event.message.reply };
  return undefined;
}

/** Keeps on record what clients have asked and been answered: which came before which is in nobody's state. */
export const historyObserver: Observer<LogRoleState, LogMessage, LogEvent> = {
  name: HISTORY,
  initial: emptyHistory(journal),
  label: callOf,
  observe(record, label) {
    const [history, call] = [record as History, label as Call];
    return 'asked' in call
      ? invoked(journal, history, call.client, call.asked)
      : returned(history, call.client, call.reply);
  },
};

/** What is claimed of the answers that clients get. */
export function clientProperties({ clients }: LogCast, { history, replies }: LogFacts): LogProperty[] {
  const notApplicable = clients.length === 0 ? 'needs clients that wait for answers' : undefined;
  const contradicted = (client: string, number: number) => (different: string[]) =>
    different.length > 1
      ? `${client} is answered ${different.map((each) => each || 'nothing').join(' and ')} to its command ${number}`
      : undefined;
  const commands = clients.flatMap(({ id, asks }: ClientScript) =>
    asks.flatMap(({ kind }, at) => (kind === 'command' ? [{ id, number: at + 1 }] : [])),
  );
  return [
    {
      name: 'one-reply',
      kind: 'requirement',
      notApplicable,
      statement: 'All answers that are ever given to a command of a client, retried or not, are the same.',
      clauses: commands.map(({ id, number }) => ({
        facts: [replies(id, number)],
        check: contradicted(id, number) as LogClause['check'],
      })),
    },
    {
      name: 'linearizable',
      kind: 'requirement',
      notApplicable,
      statement:
        'Every command and every read takes effect at one moment between its invocation and its answer, and the answers are those of the machine.',
      clauses: [{ facts: [history], check: (wrong) => (wrong as string | null) ?? undefined }],
    },
  ];
}

const holds = (test: (...values: never[]) => boolean) => test as (...values: readonly unknown[]) => boolean;
const needs = (enough: boolean, what: string) => (enough ? undefined : `needs ${what}`);

/** What clients, and reads, must meet. */
export function clientSituations(
  { reads }: MultiPaxosConfiguration,
  cast: LogCast,
  { waiting }: LogFacts,
): LogSituation[] {
  const { clients, leaders } = cast;
  const asks = clients.map((client) => client.asks);
  const writes = asks.flat().some(({ operation, kind }) => kind === 'command' && operation !== READ);
  const reading = asks.flat().some(({ operation }) => operation === READ);
  const byIndex = reading && reads === 'index';
  const indexed = 'clients with reads, by index';
  return [
    {
      name: 'concurrent',
      statement: 'two clients wait for answers at the same time',
      notApplicable: needs(clients.length >= 2, 'at least 2 clients'),
      state: {
        facts: [waiting],
        holds: holds((all: boolean[]) => all.filter((each) => each).length >= 2),
      },
    },
    {
      name: 'read-sees-a-write',
      statement: 'a client that has only read so far is answered what another has written',
      notApplicable: needs(
        writes && asks.some(([first]) => first?.operation === READ),
        'a client with a command, and one that begins with a read',
      ),
      step: (step) => {
        const call = callOf(step);
        return (
          call !== undefined &&
          'reply' in call &&
          call.reply !== '' &&
          clients.some(({ id, asks: [first] }) => id === call.client && first?.operation === READ) &&
          'number' in step.before.state &&
          step.before.state.number === 1
        );
      },
    },
    {
      name: 'read-refused',
      statement: 'an acceptor that has promised a higher ballot does not confirm the leader of a read',
      notApplicable: needs(byIndex && leaders.length >= 2, `${indexed}, and at least 2 leaders`),
      step: ({ rule, event }) =>
        rule !== 'confirm' && event.type === 'receive' && event.message.type === 'confirm',
    },
    {
      name: 'read-too-early',
      statement: 'a replica is handed a read for which it has not applied enough of the log',
      notApplicable: needs(byIndex && writes, `${indexed} and commands`),
      step: ({ rule, event }) =>
        rule === null && event.type === 'receive' && event.message.type === 'read-index',
    },
  ];
}
