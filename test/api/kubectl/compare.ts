/** Where the two programs must agree: what the server saw, what stderr says, and the exit code. */
import assert from 'node:assert/strict';
import type { Finished, Invocation } from './both.ts';
import { runKubectl, runOurs } from './both.ts';
import type { Recorded, Recorder } from './recorder.ts';

/**
 * Sends one request with each, and returns what the server saw.
 * @param isRepeated kubectl asks again and again, which is not compared
 */
export async function assertSameRequest(
  recorder: Recorder,
  invocation: Invocation,
  isRepeated = false,
): Promise<Recorded | undefined> {
  const servers = [recorder.url, ...(invocation.servers ?? [])];
  const kubectl = await runKubectl({ ...invocation, servers });
  const expected = recorder.recorded.splice(0);
  const ours = await runOurs({ ...invocation, servers });
  const actual = recorder.recorded.splice(0).filter(({ path }) => !asksWhatIsServed.test(path));
  assert.deepEqual(words(ours), words(kubectl));
  assert.deepEqual(actual, isRepeated ? expected.slice(0, 1) : expected, `kubectl: ${kubectl.stderr}`);
  return expected[0];
}

/** kubectl has asked that beforehand; we ask only when a type may not be there. */
const asksWhatIsServed = /^\/apis\/[^/]+(\/[^/]+)?$/;

/** Both refuse with the same words, and nothing is sent to the server. */
export async function assertSameWords(invocation: Invocation, differs?: RegExp): Promise<Finished> {
  const kubectl = await runKubectl(invocation);
  const ours = await runOurs(invocation);
  if (differs === undefined) {
    assert.deepEqual(words(ours), words(kubectl));
  } else {
    assert.match(ours.stderr, differs, `kubectl: ${kubectl.stderr}`);
    assert.notEqual(words(ours).stderr, words(kubectl).stderr, 'no longer differs');
    assert.equal(ours.code, kubectl.code);
  }
  return kubectl;
}

const timeIsUp =
  /(net\/http: request canceled( while waiting for connection)?|context deadline exceeded)( \(Client\.Timeout [\w ]+\))?/g;

/** Without kubectl's log lines, and without what differs from run to run. */
function words({ stderr, code }: Finished): { stderr: string; code: number } {
  const lines = stderr.split('\n').filter((line) => !/^[EIW]\d{4} \d\d:/.test(line));
  const same = lines
    .join('\n')
    .replaceAll(/\/\S*pvsnap-kubectl-\w+/g, 'FOLDER')
    .replaceAll(/ on [\d.:[\]a-f]+:53/g, '')
    .replaceAll(/127\.0\.0\.1:\d+->127\.0\.0\.1:\d+/g, 'CONNECTION')
    .replaceAll(/current time \S+ is/g, 'current time NOW is')
    // Several timers of kubectl's run out at the same moment, and any may be the one that speaks.
    .replaceAll(timeIsUp, 'TIME IS UP')
    .trimEnd();
  return { stderr: same, code };
}
