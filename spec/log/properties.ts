import type { Clause } from '../../model-check/system.ts';
import type { Proposal } from '../proposal.ts';
import { showProposal } from '../show.ts';
import { clientProperties } from './client-properties.ts';
import type { LogCast } from './configuration.ts';
import { electionProperties } from './election-properties.ts';
import { NO_OP, type Slot, showSlotProposal } from './entry.ts';
import type { LogFacts, LogProperty, LogRoleState } from './facts.ts';
import { logLemmas } from './lemmas.ts';
import type { LogMessage } from './message.ts';
import { needsReplicas, replicaProperties } from './replica-properties.ts';

type LogClause = Clause<LogRoleState, LogMessage>;

/** What is claimed of Multi-Paxos: consensus in each slot, what replicas make of it, and the lemmas of section 2.2 in each slot. */
export function logPropertiesOf(cast: LogCast, facts: LogFacts): LogProperty[] {
  return [
    ...consensusInEachSlot(cast, facts),
    ...replicaProperties(cast, facts),
    ...clientProperties(cast, facts),
    ...electionProperties(cast, facts),
    ...logLemmas(cast, facts),
  ];
}

/** The safety requirements of section 2.1, in each instance. */
function consensusInEachSlot(cast: LogCast, { chosen, learned }: LogFacts): LogProperty[] {
  const valid = [...cast.commands, NO_OP];
  const validity = (slot: Slot) => (proposals: Proposal[]) => {
    const stray = proposals.find(({ value }) => !valid.includes(value));
    return (
      stray && `${showSlotProposal({ slot, ...stray })} is chosen; commands: ${cast.commands.join(', ')}`
    );
  };
  const agreement = (slot: Slot) => (proposals: Proposal[]) => {
    const other = proposals.find(({ value }) => value !== proposals[0]?.value);
    return (
      other &&
      `${showProposal(proposals[0] as Proposal)} and ${showProposal(other)} are both chosen in slot ${slot}`
    );
  };
  const learnedIsChosen =
    (slot: Slot) => (replicas: { replica: string; value: string | null }[], proposals: Proposal[]) => {
      const wrong = replicas.find(
        ({ value }) => value !== null && !proposals.some((proposal) => proposal.value === value),
      );
      return (
        wrong &&
        `${wrong.replica} learned ${wrong.value} in slot ${slot}; chosen: ${proposals.map(showProposal).join(', ') || 'nothing'}`
      );
    };
  return [
    {
      name: 'validity',
      kind: 'requirement',
      statement: "Only a client's command, or the no-op, may be chosen in a slot.",
      clauses: cast.slots.map((slot) => ({
        facts: [chosen(slot)],
        check: validity(slot) as LogClause['check'],
      })),
    },
    {
      name: 'agreement',
      kind: 'requirement',
      statement: 'Only a single value is chosen in a slot.',
      clauses: cast.slots.map((slot) => ({
        facts: [chosen(slot)],
        check: agreement(slot) as LogClause['check'],
      })),
    },
    {
      name: 'learned-is-chosen',
      kind: 'requirement',
      notApplicable: needsReplicas(cast, 1),
      statement: 'A replica never learns that a value has been chosen in a slot unless it actually has been.',
      clauses: cast.slots.map((slot) => ({
        facts: [learned(slot), chosen(slot)],
        check: learnedIsChosen(slot) as LogClause['check'],
      })),
    },
  ];
}
