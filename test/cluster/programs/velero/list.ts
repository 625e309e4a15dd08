/**
 * What the tests with a real Velero need besides: its server, the plugin that speaks S3, and a store that does. Built
 * when the first of them runs. Each has a go.mod of its own, which holds its version: together they don't resolve.
 */
import { join } from 'node:path';
import type { Bundle } from '../bundle.ts';

const VELERO = 'github.com/vmware-tanzu/velero';
const PLUGIN = 'github.com/vmware-tanzu/velero-plugin-for-aws';
const STORE = 'github.com/versity/versitygw';

const v1 = [
  'backuprepositories',
  'backups',
  'backupstoragelocations',
  'deletebackuprequests',
  'downloadrequests',
  'podvolumebackups',
  'podvolumerestores',
  'restores',
  'schedules',
  'serverstatusrequests',
  'volumesnapshotlocations',
];
const v2 = ['datadownloads', 'datauploads'];

export const veleroServer: Bundle = {
  title: 'Velero',
  directory: join(import.meta.dirname, 'server'),
  programs: [{ name: 'velero', package: `${VELERO}/cmd/velero`, module: VELERO }],
  moduleFiles: [
    ...v1.map((plural) => ({ module: VELERO, path: `config/crd/v1/bases/velero.io_${plural}.yaml` })),
    ...v2.map((plural) => ({ module: VELERO, path: `config/crd/v2alpha1/bases/velero.io_${plural}.yaml` })),
  ],
  linkerVariables: async ({ module }, versionOf) => ({ [`${VELERO}/pkg/buildinfo.Version`]: await versionOf(module) }),
};

export const veleroPlugin: Bundle = {
  title: "Velero's plugin for S3",
  directory: join(import.meta.dirname, 'plugin'),
  programs: [{ name: 'velero-plugin-for-aws', package: `${PLUGIN}/velero-plugin-for-aws`, module: PLUGIN }],
  moduleFiles: [],
  linkerVariables: () => Promise.resolve({}),
};

/** An S3 server over a folder. */
export const objectStore: Bundle = {
  title: 'an S3 server',
  directory: join(import.meta.dirname, 'store'),
  programs: [{ name: 'versitygw', package: `${STORE}/cmd/versitygw`, module: STORE }],
  moduleFiles: [],
  linkerVariables: () => Promise.resolve({}),
};
