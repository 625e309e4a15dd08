/** What a person says of stopping, for the verbs that stop workloads. */
import { isDeepStrictEqual } from 'node:util';
import type { Options } from 'yargs';
import type { StopChoices } from '../workloads/stop-choices.ts';
import { noChoices, parseNames, parseStop } from '../workloads/stop-choices.ts';
import type { Arguments } from './command.ts';
import { listOf } from './flags.ts';

export const stopFlags: Record<string, Options> = {
  stop: {
    type: 'array',
    string: true,
    describe: 'Stop this too, before everything else: an operator, as [NAMESPACE/]deployment/NAME',
  },
  'no-stop': {
    type: 'array',
    string: true,
    describe: 'Leave this alone, TYPE/NAME: you have stopped it, or answer for it',
  },
  'delete-bare-pods': {
    type: 'boolean',
    describe: 'Delete pods that belong to nothing, and make them again from their manifests',
  },
  order: {
    type: 'array',
    string: true,
    describe: 'Stop these one after the other, TYPE/NAME,..., and start them in reverse; others go with the first',
  },
};

/** Undefined when nothing was said. */
export function stopChoicesOf(args: Arguments, namespace: string): StopChoices | undefined {
  const choices = {
    stop: parseStop(listOf(args, 'stop'), namespace),
    leave: parseNames('no-stop', listOf(args, 'no-stop')),
    deleteBarePods: args['delete-bare-pods'] === true,
    order: parseNames('order', listOf(args, 'order')),
  };
  return isDeepStrictEqual(choices, noChoices) ? undefined : choices;
}
