import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { matchesAny } from '../../src/velero/namespace-patterns.ts';

const matches = (pattern: string, namespace: string): boolean => matchesAny([pattern], namespace);

describe('a pattern of namespaces', () => {
  for (const [pattern, yes, no] of [
    ['kafka', ['kafka'], ['kafka-2', 'a-kafka', '']],
    ['*', ['kafka', ''], []],
    ['kafka-*', ['kafka-', 'kafka-test'], ['kafka', 'my-kafka-test']],
    ['*-prod', ['a-prod', '-prod', 'a-prod-prod'], ['prod', 'a-prod-1']],
    ['a*b*c', ['abc', 'a-b-b-c', 'abcbc'], ['acb', 'ab']],
    ['ns?', ['ns1'], ['ns', 'ns12']],
    ['ns[abc]', ['nsa', 'nsc'], ['nsd', 'ns']],
    ['ns[0-3]*', ['ns0', 'ns3-x'], ['ns4', 'ns-']],
    ['ns[-3]', ['ns-', 'ns3'], ['ns2']],
    ['a.c', ['a.c'], ['abc']],
  ] as const) {
    test(pattern, () => {
      for (const namespace of yes) assert.ok(matches(pattern, namespace), namespace);
      for (const namespace of no) assert.ok(!matches(pattern, namespace), namespace);
    });
  }

  test('stands for what the same regular expression does', () => {
    const part = fc.constantFrom('a', 'b', '-', '*', '?', '[ab]', '[a-b]');
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), text, (parts, namespace) => {
        const words: Record<string, string> = { '*': '.*', '?': '.' };
        const expression = new RegExp(`^${parts.map((one) => words[one] ?? one).join('')}$`);
        assert.equal(matches(parts.join(''), namespace), expression.test(namespace));
      }),
    );
  });

  test('takes no longer for many stars', () => {
    assert.ok(!matches(`${'*a'.repeat(30)}b`, 'a'.repeat(63)));
  });
});
