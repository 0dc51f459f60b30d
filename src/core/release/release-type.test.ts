import { expect, test } from 'vitest'
import { phase, plan, question, step } from '../../../test/support/plan-builder.ts'
import { ReleaseSpec } from '../../../test/support/release-spec.ts'
import { nextPatchOf, releaseTypeOf } from './release-type.ts'

test.each([
  ['2.0.0', '1.9.4', 'major'],
  ['v1.5.0', 'v1.4.9', 'minor'],
  ['1.4.1', '1.4.0', 'patch'],
  ['1.4.1-rc.2', '1.4.0', 'patch'],
  ['1.3.0', '1.4.0', 'minor'],
  ['2026-11-21', '1.4.0', 'unknown'],
  ['1.4.0', null, 'unknown'],
] as const)('%s after %s is a %s release', (version, previous, type) => {
  expect(releaseTypeOf(version, previous, false)).toBe(type)
  expect(releaseTypeOf(version, previous, true)).toBe('hotfix')
})

test.each([
  ['v1.4.2', 'v1.4.3'],
  ['1.4.9-rc.1', '1.4.10'],
  ['latest', null],
])('the version that mends %s is %s', (version, next) => {
  expect(nextPatchOf(version)).toBe(next)
})

const of = plan([
  phase('all', [step('tests', question)], { onlyFor: ['major', 'minor', 'patch'] }),
  phase('short', [step('smoke', question)], { onlyFor: ['hotfix'] }),
  phase('big', [step('training', question)], { onlyFor: ['major'], when: 'release_type != "unknown"' }),
])
const statuses = (spec: ReleaseSpec) => of.phases.map(({ id }) => spec.current.phases.get(id)?.status)

test('a hotfix has gates of its own, and does without those that are for other types', () => {
  const hotfixOf = { release: 'r0', tag: 'v1.0.0', commit: 'abc' }
  const spec = new ReleaseSpec().start(of, { version: '1.0.1', previous: '1.0.0', hotfixOf })
  expect(statuses(spec)).toEqual(['not-applicable', 'open', 'waiting'])
  expect(spec.current.phases.get('all')?.why).toBe('only for major, minor, patch; this is a hotfix release')
})

test('a type that nobody can tell leaves out no gate but those of a hotfix', () => {
  const spec = new ReleaseSpec().start(of, { version: 'tuesday', previous: 'monday' })
  expect(statuses(spec)).toEqual(['open', 'waiting', 'waiting'])
})

test('conditions and commands know the type', () => {
  const spec = new ReleaseSpec().start(of, { version: '1.1.0', previous: '1.0.0' })
  expect(spec.current.releaseType).toBe('minor')
})
