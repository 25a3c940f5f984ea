/**
 * node --import ./register.mjs scripts/twins.ts: runs our engine, Spin and TLC on the same state spaces, and writes what they
 * counted to spec/twins/counts.json and, as a table, to spec/twins/README.md. Exits with 1 if they differ.
 *
 *   --check  write nothing; exit with 1 if either file is stale
 *   --all    also the configurations that take minutes
 *
 * Spin runs if it is installed, and TLC if the environment variable TLC is its class path (the path of tla2tools.jar). What is
 * not run now is taken over from the file.
 */
import { writeFileSync } from 'node:fs';
import { existing } from './existing.ts';
import {
  bySpin,
  bySynod,
  byTlc,
  type Configuration,
  type Counts,
  configurations,
  described,
  missingForSpin,
  TWINS,
  tlcPath,
} from './twins-runs.ts';

const COUNTS = new URL('counts.json', TWINS);
const README = new URL('README.md', TWINS);

type Checker = 'synod' | 'spin' | 'tlc';
/** What each checker counted in one configuration. */
type Row = { readonly configuration: string } & { readonly [checker in Checker]?: Partial<Counts> };

const NAMES: Readonly<Record<Checker, string>> = { synod: 'Synod', spin: 'Spin', tlc: 'TLC' };
const CHECKERS: readonly Checker[] = ['synod', 'spin', 'tlc'];
const measures = ['distinctStates', 'transitions', 'diameter', 'shortest'] as const;

await main(process.argv.slice(2));

async function main(options: readonly string[]) {
  const unknown = options.find((option) => option !== '--check' && option !== '--all');
  if (unknown !== undefined) {
    process.stderr.write(`scripts/twins.ts: no option ${unknown}; expected --check or --all\n`);
    process.exitCode = 2;
    return;
  }
  const missing = await missingForSpin();
  if (missing) say(`SKIPPED: Spin is not run, because ${missing}; its counts are taken over.`);
  if (!tlcPath)
    say('SKIPPED: TLC is not run, because the variable TLC is not set; its counts are taken over.');
  const known = (JSON.parse(existing(COUNTS) || '{"rows":[]}') as { rows: Row[] }).rows;
  const rows: Row[] = [];
  for (const configuration of configurations) {
    const name = described(configuration);
    const before = known.find((row) => row.configuration === name);
    const now =
      configuration.large && !options.includes('--all') ? {} : await counted(configuration, !missing);
    if (Object.keys(now).length === 0) say(`SKIPPED without --all: ${name}`);
    rows.push({ configuration: name, ...before, ...now });
  }
  const different = rows.filter((row) => !agree(row));
  for (const row of different) fail(`the checkers differ: ${JSON.stringify(row)}`);
  const texts = [
    { file: COUNTS, text: `${JSON.stringify({ format: 'synod-twins/1', rows }, null, 2)}\n` },
    { file: README, text: fill(existing(README), rows) },
  ];
  for (const { file, text } of texts) {
    if (!options.includes('--check')) writeFileSync(file, text);
    else if (text !== existing(file))
      fail(
        `${file.pathname.slice(file.pathname.indexOf('spec/twins/'))} is stale: scripts/twins.ts writes it anew`,
      );
  }
}

async function counted(configuration: Configuration, spin: boolean): Promise<Partial<Row>> {
  const { tlc } = configuration;
  return {
    synod: await bySynod(configuration),
    ...(spin ? { spin: await bySpin(configuration) } : {}),
    ...(tlc && tlcPath ? { tlc: await byTlc(tlc, tlcPath) } : {}),
  };
}

/** What the checkers say of one measure; those that do not measure it are left out. */
function said(row: Row, measure: (typeof measures)[number]) {
  return CHECKERS.flatMap((checker) => {
    const value = row[checker]?.[measure];
    return value === undefined ? [] : [{ checker, value }];
  });
}

function agree(row: Row): boolean {
  return measures.every((measure) => new Set(said(row, measure).map(({ value }) => value)).size <= 1);
}

/** The README with its table made anew: what stands between `<!-- table counts -->` and `<!-- end -->`. */
function fill(readme: string, rows: readonly Row[]): string {
  const show = (value: number | null) => (value === null ? 'none' : value.toLocaleString('en-US'));
  const cell = (row: Row, measure: (typeof measures)[number]) => {
    const all = said(row, measure);
    if (new Set(all.map(({ value }) => value)).size === 1) return show(all[0]?.value ?? null);
    return all.map(({ checker, value }) => `${NAMES[checker]} ${show(value)}`).join(', ');
  };
  const by = (row: Row) => CHECKERS.filter((checker) => row[checker]).map((checker) => NAMES[checker]);
  const lines = [
    ['configuration', 'distinct states', 'transitions', 'diameter', 'shortest violation', 'counted by'],
    ['---', '--:', '--:', '--:', '--:', '---'],
    ...rows.map((row) => [
      row.configuration,
      ...measures.map((measure) => cell(row, measure)),
      by(row).join(', '),
    ]),
  ].map((cells) => `| ${cells.join(' | ')} |`);
  return readme.replace(
    /(<!-- table counts -->\n)[\s\S]*?(<!-- end -->)/,
    (_all, begin, end) => `${begin}\n${lines.join('\n')}\n\n${end}`,
  );
}

function say(sentence: string) {
  process.stdout.write(`${sentence}\n`);
}

function fail(sentence: string) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
