/** Programs that are built together, of the pins of one go.mod. */

export interface Bundle {
  /** As a sentence goes on: `the test control plane`. */
  title: string;
  /** Where its go.mod and go.sum are. */
  directory: string;
  programs: readonly Program[];
  moduleFiles: readonly ModuleFile[];
  /** What the linker writes into the program: by the name of a Go variable, its text. */
  linkerVariables: (program: Program, versionOf: VersionOf) => Promise<Record<string, string>>;
}

export interface Program {
  name: string;
  /** The Go package of its main function. */
  package: string;
  /** The module in go.mod whose version it reports as its own. */
  module: string;
}

/** A file that is needed from one of the modules; kept beside the programs under its base name. */
export interface ModuleFile {
  module: string;
  path: string;
}

/** The version that go.mod pins a module to, such as `v1.36.3`. */
export type VersionOf = (module: string) => Promise<string>;
