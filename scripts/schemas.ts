/**
 * npm run schemas: writes the JSON Schemas of the published formats, generated from Zod, to docs/schemas/.
 * With --check: says which are stale, and exits with 1 if any is.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Counterexample, Report, SimulationReport } from '../model-check/index.ts';
import {
  AbstractConfiguration,
  ConsensusConfiguration,
  LogMessage,
  Message,
  MultiPaxosConfiguration,
  PaxosConfiguration,
  QuorumForm,
  ReplicatedLogConfiguration,
} from '../spec/index.ts';
import { Answer, Question } from '../src/foreign/protocol.ts';
import { HistoryLine, HistoryReport } from '../src/history/format.ts';
import { NodeSimulationReport } from '../src/simulation/report.ts';
import { LogTraceLine, PaxosTraceLine, TraceHeader } from '../src/trace/format.ts';
import { TraceMapping } from '../src/trace/mapping.ts';
import { TraceReport } from '../src/trace/report.ts';
import { VectorLine, VectorManifest } from '../src/vectors/format.ts';
import { existing } from './existing.ts';

const folder = new URL('../docs/schemas/', import.meta.url);

const formats: Readonly<Record<string, readonly [string, z.ZodType]>> = {
  report: ['What synod check --json prints', Report],
  simulation: ['What synod check --simulate --json and synod merge --json print', SimulationReport],
  counterexample: ['A counterexample, as in a report', Counterexample],
  'paxos-configuration': ['The configuration of the system paxos', PaxosConfiguration],
  'multi-paxos-configuration': ['The configuration of the system multi-paxos', MultiPaxosConfiguration],
  'replicated-log-configuration': [
    'The configuration of the system replicated-log',
    ReplicatedLogConfiguration,
  ],
  'abstract-configuration': [
    'The configuration of the systems voting and lamport-paxos',
    AbstractConfiguration,
  ],
  'consensus-configuration': ['The configuration of the system consensus', ConsensusConfiguration],
  quorums: ['A quorum file, for --quorums', QuorumForm],
  message: ['A message of single-decree Paxos', Message],
  vector: ['A line of a file of synod vectors', VectorLine],
  'vector-manifest': ['The manifest of synod vectors', VectorManifest],
  'foreign-question': ['A question to a program that plays a role', Question],
  'foreign-answer': ['An answer of a program that plays a role', Answer],
  'trace-header': ['The first line of a trace, for synod trace check', TraceHeader],
  'trace-line': ['Any other line of a trace of single-decree Paxos', PaxosTraceLine],
  'trace-mapping': ['A mapping, for synod trace check --map', TraceMapping],
  'trace-report': ['What synod trace check --json prints', TraceReport],
  'log-trace-line': ['Any other line of a trace of Multi-Paxos', LogTraceLine],
  history: ['A line of a history, for synod history check', HistoryLine],
  'history-report': ['What synod history check --json prints', HistoryReport],
  'node-simulation': ['What synod simulate --json prints', NodeSimulationReport],
  'log-message': ['A message of Multi-Paxos', LogMessage],
};

const check = process.argv.includes('--check');
mkdirSync(folder, { recursive: true });
for (const [name, [title, schema]] of Object.entries(formats)) {
  const file = new URL(`${name}.schema.json`, folder);
  const text = `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`;
  if (!check) writeFileSync(file, text);
  else if (text !== existing(file)) {
    process.stderr.write(`docs/schemas/${name}.schema.json is stale: npm run schemas writes it anew\n`);
    process.exitCode = 1;
  }
}
