/** What a release could not end elsewhere is said on the bar of every surface, though the release is over. */
import { expect, test } from 'vitest'
import { phase, plan, question, step } from '../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../test/support/release-spec.ts'
import { lastWordTries } from '../core/release/kept.ts'
import { viewOf } from './view.ts'

test('an entry that stayed open on a status page asks for a person on the bar of a release that is over', () => {
  const message = { id: 'notify-1', line: 1, on: 'release.started', to: ['page'], everyMs: null, when: null, body: '' }
  const of = { ...plan([phase('p', [step('q', question)])]), channels: { page: { kind: 'statuspage', config: {} } } }
  const spec = new ReleaseSpec().start({ ...of, messages: [message] })
  const queued = (): string[] =>
    [...spec.current.messages.values()]
      .filter((one) => one.channel === 'page' && one.status === 'queued')
      .map(({ id }) => id)
  const [first = ''] = queued()
  const kept = { maintenance: 'x1', 'maintenance-status': 'in_progress' }
  spec.do({ kind: 'ReportDelivery', message: first, ok: true, final: true, say: 'opened', keep: kept })
  spec.do({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('ana'))
  expect(viewOf(spec.current, null, spec.now).bar).toMatchObject({ tone: 'bad', next: null })
  const [last = ''] = queued()
  for (let tries = 0; tries < lastWordTries; tries += 1)
    spec.do({ kind: 'ReportDelivery', message: last, ok: false, final: false, say: 'it answered 503' })
  expect(viewOf(spec.current, null, spec.now).bar).toMatchObject({
    tone: 'person',
    next: 'What page shows of this release could not be ended: it answered 503. End it there by hand.',
  })
})
