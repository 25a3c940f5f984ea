import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application, type TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { root } from './paths.ts';

/** What the package exports, by the files that export it. What several export is told of at the first. */
const EXPORTS: Readonly<Record<string, string>> = {
  'model-check/index.ts': 'synod/model-check',
  'spec/index.ts': 'synod/spec',
  'src/index.ts': 'synod',
};

const INTRODUCTION = `What the package exports, from the docstrings of the sources, by what it is imported from. What \`synod\` exports
is told of where it comes from. Ways to begin: [\`check\`](/api/synod/model-check.md#check-1) asks the checker,
[\`paxos\`](/api/synod/spec.md#paxos) and [\`multiPaxos\`](/api/synod/spec.md#multipaxos) are systems to ask about,
[\`step\`](/api/synod/spec.md#step) has a role take one step, and [\`System\`](/api/synod/model-check.md#system) is what a system of
[your own](/your-own-system.md) has to be.`;

/**
 * A page for each entry of the package, from the docstrings of what it exports.
 *
 * @throws Error if TypeDoc cannot read the sources
 */
export async function apiPages(): Promise<{ params: { page: string }; content: string }[]> {
  const folder = mkdtempSync(join(tmpdir(), 'synod-api-'));
  try {
    await writeApi(folder);
    return readdirSync(folder, { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('.md'))
      .map((path) => ({ page: path.replace(/\.md$/, ''), text: readFileSync(join(folder, path), 'utf8') }))
      .map(({ page, text }) => ({
        params: { page },
        content: page === 'index' ? text.replace('\n\n', `\n\n${INTRODUCTION}\n\n`) : text,
      }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeApi(folder: string): Promise<void> {
  const options: Partial<TypeDocOptions & PluginOptions> = {
    entryPoints: Object.keys(EXPORTS).map((file) => `${root}${file}`),
    tsconfig: `${root}tsconfig.json`,
    plugin: ['typedoc-plugin-markdown'],
    outputs: [{ name: 'markdown', path: folder }],
    name: 'API',
    readme: 'none',
    logLevel: 'Error',
    disableSources: true,
    excludeExternals: true,
    // The types are checked elsewhere.
    skipErrorChecking: true,
    outputFileStrategy: 'modules',
    entryFileName: 'index.md',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    publicPath: '/api/',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    parametersFormat: 'table',
  };
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc cannot read the sources');
  for (const module of project.children ?? [])
    module.name = EXPORTS[`${module.name}/index.ts`] ?? module.name;
  await app.generateOutputs(project);
}
