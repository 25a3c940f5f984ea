import { stripVTControlCharacters } from 'node:util';
import type { Report, SimulationReport } from '../../model-check/index.ts';
import type { AnySystem } from '../systems.ts';
import { mermaid } from './diagram.ts';
import { titleOf } from './junit.ts';

const MARKS = { holds: '✅', violated: '❌', incomplete: '❔' } as const;

/**
 * A check in Markdown, as GitHub shows it in the summary of a job: the verdict, the properties, the counterexample as
 * a diagram, and all that is printed.
 */
export function markdown(report: Report | SimulationReport, system: AnySystem, printed: string): string {
  const { verdict, properties, counterexample } = report;
  return [
    `### ${MARKS[verdict]} ${verdict}: ${titleOf(report)}`,
    '',
    '| | property | |',
    '| --- | --- | --- |',
    ...properties.map(
      (each) =>
        `| ${each.notApplicable ? '–' : MARKS[each.verdict]} | ${cell(each.name)} | ${cell(each.statement)} |`,
    ),
    '',
    ...(counterexample
      ? [
          `**${counterexample.property}** is violated in ${counterexample.length} steps:`,
          '',
          ...fenced('mermaid', mermaid(counterexample, system).trimEnd()),
        ]
      : []),
    ...folded('The whole report', printed),
    '',
  ].join('\n');
}

function folded(title: string, text: string): string[] {
  return [
    `<details><summary>${title}</summary>`,
    '',
    ...fenced('text', stripVTControlCharacters(text)),
    '</details>',
    '',
  ];
}

/** A block of text in which no line ends it: its fence is longer than what stands in it. */
function fenced(language: string, text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, text, fence, ''];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}
