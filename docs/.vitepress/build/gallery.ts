import { readFileSync } from 'node:fs';
import { described, type Entry, lemmasOf, verdictOf } from '../../../scripts/gallery-readme.ts';
import { logMutants } from '../../../spec/log/mutants/index.ts';
import { type Mutant, rooms } from '../../../spec/mutants/index.ts';
import { root } from './paths.ts';

/** Every broken variant as Markdown: what it does, whose mistake it is, what was found of it, and a box to try it. */
export function galleryText(): string {
  const { mutants } = JSON.parse(readFileSync(`${root}spec/mutants/gallery.json`, 'utf8')) as {
    mutants: Entry[];
  };
  const ofPaxos = rooms.flatMap((room) => [
    `## ${room.title}`,
    ...room.mutants.flatMap((mutant) => [
      `### ${mutant.name}`,
      ...story(mutant),
      found(mutants.find(({ name }) => name === mutant.name) as Entry),
      `<TryMutant system="paxos" name="${mutant.name}" />`,
    ]),
  ]);
  const ofTheLog = logMutants.flatMap((mutant) => [
    `### ${mutant.name}`,
    ...story(mutant),
    `<TryMutant system="multi-paxos" name="${mutant.name}" />`,
  ]);
  return [...ofPaxos, '## The log', ...ofTheLog].join('\n\n');
}

function story({
  breaks,
  who,
  harmless,
  source,
}: Pick<Mutant, 'breaks' | 'who' | 'harmless' | 'source'>): string[] {
  return [
    `**${breaks}**`,
    `Who does that: ${who}`,
    ...(harmless === undefined ? [] : [`Why it is harmless: ${harmless}`]),
    ...(source === undefined ? [] : [`Source: ${source}.`]),
  ];
}

function found({ smallest }: Entry): string {
  const lemmas = lemmasOf(smallest);
  const onTheWay = lemmas === 'none' ? '' : ` On the way, lemmas in steps: ${lemmas}.`;
  return `In ${described(smallest.configuration)}: ${verdictOf(smallest)}${verdictOf(smallest).startsWith('safe') ? '' : ' steps'}.${onTheWay}`;
}
