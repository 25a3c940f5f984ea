import { systems } from '../systems.ts';
import { colors as pc } from './colors.ts';

/** Everything that can be named on the command line. */
export function catalogue() {
  const built = systems.map(({ name, configuration, build }) => ({
    name,
    system: build(configuration.parse({})),
  }));
  return {
    systems: systems.map(({ name, summary, configuration }) => ({
      name,
      summary,
      options: Object.keys(configuration.shape),
    })),
    properties: built.flatMap(({ name: of, system }) =>
      system.properties.map(({ name, kind, statement }) => ({ system: of, name, kind, statement })),
    ),
    rules: built.flatMap(({ name: of, system }) =>
      (system.rules ?? []).map((name) => ({ system: of, name })),
    ),
    mutants: systems.flatMap(({ name: of, mutants }) =>
      mutants.map(({ name, breaks, who, harmless }) => ({
        system: of,
        name,
        breaks,
        who,
        harmless: harmless ?? null,
      })),
    ),
  };
}

/** `synod list`. */
export function runList({ json = false }: { json?: boolean }): number {
  const list = catalogue();
  process.stdout.write(`${json ? JSON.stringify(list) : printed(list).join('\n')}\n`);
  return 0;
}

function printed({
  systems: named,
  properties,
  rules,
  mutants: broken,
}: ReturnType<typeof catalogue>): string[] {
  const rows = (title: string, entries: readonly (readonly [string, string])[]) => {
    const width = Math.max(...entries.map(([name]) => name.length));
    return [pc.bold(title), ...entries.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`), ''];
  };
  return [
    ...rows(
      'systems',
      named.map(({ name, summary }) => [name, summary]),
    ),
    ...named.flatMap(({ name: of }) => [
      ...rows(
        `properties of ${of}`,
        properties.filter(({ system }) => system === of).map(({ name, statement }) => [name, statement]),
      ),
      `${pc.bold(`rules of ${of}`)}\n  ${rules
        .filter(({ system }) => system === of)
        .map(({ name }) => name)
        .join(', ')}\n`,
    ]),
    ...named.flatMap(({ name: of }) => {
      const its = broken.filter(({ system }) => system === of);
      const row = ({ name, breaks, harmless }: (typeof its)[number]) =>
        [name, `${breaks}${harmless ? pc.dim(' (harmless)') : ''}`] as const;
      return its.length === 0 ? [] : rows(`mutants of ${of}`, its.map(row));
    }),
  ];
}
