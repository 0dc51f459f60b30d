import { expect, test } from 'vitest'
import { phase, plan, question, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import { viewOf } from '../../report/view.ts'
import { timeLines } from './time-lines.ts'

const words = ({ current, now }: ReleaseSpec): string => JSON.stringify(timeLines(viewOf(current, null, now)))

test('a planned start is told until the release has ended, and not as something to come after that', () => {
  const release = new ReleaseSpec()
  const day = 86_400_000
  release.start(plan([phase('roll', [step('q', question)], { title: 'Roll out' })]), { plannedAt: release.now + day })
  expect(words(release)).toContain('Roll out is planned for')
  release.do({ kind: 'Rollback', why: 'not today' }, person('ana'))
  expect(viewOf(release.current, null, release.now).decision?.ended).toBe(true)
  expect(words(release)).not.toContain('is planned for')
})
