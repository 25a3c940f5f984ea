import { stripVTControlCharacters } from 'node:util';
import type { Report, SimulationReport } from '../../model-check/index.ts';
import type { AnySystem } from '../systems.ts';
import { heading, printCounterexample } from './print.ts';

/** A test as JUnit has it. It passed if nothing else is said of it. */
export interface TestCase {
  /** What it belongs to: a system, say. */
  readonly of: string;
  readonly name: string;
  readonly seconds?: number;
  /** `failure`: what was asserted is not so. `error`: it could not be found out. `skipped`: it was not. */
  readonly ended?: {
    readonly as: 'failure' | 'error' | 'skipped';
    readonly message: string;
    readonly text?: string;
  };
}

/** A file of test results in the form that JUnit's had first and that continuous integration reads. */
export function junitFile(name: string, seconds: number, cases: readonly TestCase[]): string {
  const count = (as: string) => cases.filter(({ ended }) => ended?.as === as).length;
  const counts = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escaped(name)}" ${counts}>`,
    ...cases.map(element),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** A check as tests: each property is one, and that everything was explored is one more. */
export function casesOf(report: Report | SimulationReport, system: Pick<AnySystem, 'show'>): TestCase[] {
  const of = report.mutant ?? report.system;
  const { counterexample, verdict } = report;
  return [
    ...report.properties.map((property): TestCase => {
      const { name, statement } = property;
      if (property.notApplicable)
        return {
          of,
          name,
          ended: { as: 'skipped', message: `says nothing here: ${property.notApplicable}` },
        };
      if (property.verdict === 'holds') return { of, name };
      if (property.verdict === 'incomplete')
        return { of, name, ended: { as: 'skipped', message: 'neither shown to hold nor violated' } };
      // A program that breaks a lemma differs from our roles, and may be as safe.
      if (verdict === 'holds')
        return {
          of,
          name,
          ended: { as: 'skipped', message: 'broken, without harm here: no requirement is' },
        };
      const story =
        counterexample?.property === name
          ? { text: stripVTControlCharacters(printCounterexample(counterexample, system, '').join('\n')) }
          : {};
      return { of, name, ended: { as: 'failure', message: `violated: ${statement}`, ...story } };
    }),
    {
      of,
      name: 'explored to the end',
      seconds: report.seconds,
      ...endOf(report),
    },
  ];
}

/** The name under which a check is filed: its system and bounds. */
export function titleOf(report: Report | SimulationReport): string {
  return stripVTControlCharacters(heading(report)).replace(/ +/g, ' ');
}

/** Whether everything was explored, which random walks never do. */
function endOf(report: Report | SimulationReport): Pick<TestCase, 'ended'> {
  if (report.verdict === 'holds') return {};
  if (report.verdict === 'violated')
    return { ended: { as: 'skipped', message: 'what is violated ends the exploration' } };
  const why = typeof report.stopped === 'string' ? `ended by ${report.stopped}` : 'random walks show no more';
  return { ended: { as: 'error', message: `incomplete: ${why}` } };
}

function element({ of, name, seconds = 0, ended }: TestCase): string {
  const open = `    <testcase classname="${escaped(of)}" name="${escaped(name)}" time="${seconds.toFixed(3)}"`;
  if (!ended) return `${open}/>`;
  const { as, message, text = '' } = ended;
  return `${open}><${as} message="${escaped(message)}">${escaped(text)}</${as}></testcase>`;
}

/** As XML 1.0 has it: what no XML may contain becomes a question mark. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu, '?')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
