import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Which rooms each room of src/ may import from (docs/architecture.md). Arrows go one way:
 * what isn't listed here is an error. errors.ts is the one leaf that every room may use.
 */
const mayImport = {
  commands: ['sets', 'restore', 'workloads', 'velero', 'terminal', 'cluster'],
  velero: ['sets', 'cluster'],
  restore: ['sets', 'workloads', 'cluster'],
  sets: ['cluster'],
  workloads: ['cluster'],
  terminal: [],
  cluster: [],
  packaged: [],
};
const rooms = Object.keys(mayImport);

/** Inside restore/: the planner and the runner share the plan, and know nothing of each other. */
const apart = [
  ['src/restore/planning', 'running'],
  ['src/restore/running', 'planning'],
];

/**
 * Which rooms import a package at run time, so that the rest of the program neither depends on it nor pays for its
 * start-up. client-node gives types alone: docs/architecture.md says why.
 */
const importersOf = {
  '@kubernetes/client-node': [],
  'js-yaml': ['cluster', 'terminal'],
  '*-proxy-agent': ['cluster'],
  '@inquirer/*': ['terminal'],
  tar: ['velero'],
  yaml: ['terminal'],
};

function arrowsOf(room, files = `src/${room}/**/*.ts`, also = []) {
  const forbidden = [...rooms.filter((other) => other !== room && !mayImport[room].includes(other)), ...also];
  return {
    files: [files],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...forbidden.map((other) => ({
              group: [`**/${other}/*`, `**/${other}/**`],
              message: `${room}/ may not import from ${other}/: arrows between rooms go one way (docs/architecture.md).`,
            })),
            { group: ['**/main.ts', '**/cli.ts'], message: 'main.ts and cli.ts are entered, never imported.' },
            ...Object.entries(importersOf)
              .filter(([, homes]) => !homes.includes(room))
              .map(([group, homes]) => ({
                group: [group],
                message: `${group} is imported by ${homes.join(', ') || 'no room'} alone (docs/architecture.md).`,
                allowTypeImports: true,
              })),
          ],
        },
      ],
    },
  };
}

export default defineConfig(
  { ignores: ['dist/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='process'][callee.property.name='exit']",
          message: 'main.ts alone ends the process.',
        },
      ],
    },
  },
  ...rooms.map((room) => arrowsOf(room)),
  ...apart.map(([folder, other]) => arrowsOf('restore', `${folder}/**/*.ts`, [other])),
  {
    files: ['src/main.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      // node:test's describe and test return promises that the runner itself awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'test', 'it', 'suite'] },
          ],
        },
      ],
      'no-console': 'off',
    },
  },
);
