// Who may import whom. `npm run layers` checks it.
//
//   spec         ->  zod; types only from model-check; pure, so nothing of Node
//   model-check  ->  zod; it runs in a browser, so nothing of Node
//   src          ->  spec, model-check, Node, the dependencies that are installed with the package
//   test, docs, scripts, configuration  ->  all
//
// `effect` is a second opinion, so that it serves nothing but the tests.

const zod = '^node_modules/zod/';
const npm = '^node_modules/';
const mayUseDevDependencies = ['^test/', '^scripts/', '^docs/', '^[^/]+\\.(config\\.ts|mjs|cjs)$'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'spec-imports-nothing-but-zod',
      comment:
        'The specification is pure: of all that is not its own it may import zod, and types of model-check.',
      severity: 'error',
      from: { path: '^spec/' },
      to: { pathNot: ['^spec/', '^model-check/', zod] },
    },
    {
      name: 'spec-takes-only-types-from-model-check',
      comment: 'The specification does not run the engine: write `import type`.',
      severity: 'error',
      from: { path: '^spec/' },
      to: { path: '^model-check/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'model-check-stands-alone',
      comment: 'The engine knows nothing of Paxos, nor of anything else here.',
      severity: 'error',
      from: { path: '^model-check/' },
      to: { pathNot: ['^model-check/', zod], dependencyTypesNot: ['core'] },
    },
    {
      name: 'model-check-runs-in-a-browser',
      comment: 'What needs Node sits in src/.',
      severity: 'error',
      from: { path: '^model-check/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'src-imports-nothing-from-outside-the-package',
      comment: 'Tests, scripts and documentation are not shipped.',
      severity: 'error',
      from: { path: '^src/' },
      to: { pathNot: ['^src/', '^spec/', '^model-check/', npm], dependencyTypesNot: ['core'] },
    },
    {
      name: 'no-development-dependency-in-what-is-shipped',
      comment: 'Whoever installs the package does not have it.',
      severity: 'error',
      from: { pathNot: mayUseDevDependencies },
      to: {
        path: npm,
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'],
        // Types of Node's own modules.
        pathNot: '^node_modules/@types/node/',
      },
    },
    {
      name: 'effect-only-in-tests',
      comment:
        'An independent second statement of the formats is worth something only as long as nothing else uses it.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^node_modules/(effect|@effect)/' },
    },
    {
      name: 'no-undeclared-dependency',
      comment: 'Not in package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable-import',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycle',
      comment: 'Files that import one another in a circle, be it types only, have no order to read them in.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|docs/\\.vitepress/(cache|dist))/' },
    // Imports of types count: the rules speak of them.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
