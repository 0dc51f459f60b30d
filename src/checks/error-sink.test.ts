import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Sentry, startSentry } from '../../test/support/sentry.ts'
import type { CheckResult } from '../core/ports/check.ts'
import { errorSink } from './error-sink.ts'
import { falseClock, runCheck } from './parts/powers.fixture.ts'

let sentry: Sentry
beforeEach(async () => {
  sentry = await startSentry()
})
afterEach(() => sentry.close())

const ask = (config: Readonly<Record<string, unknown>>, secret = sentry.token): Promise<CheckResult> =>
  runCheck(
    errorSink as never,
    { url: sentry.url, token: 'SENTRY', organization: 'acme', ...config },
    { secret: () => secret, clock: falseClock(), variables: { version: '1.4.0', environment: 'production' } },
  )
const both = (): Record<string, string> => ({ 'shop-api': sentry.dsn('shop-api'), 'shop-web': sentry.dsn('shop-web') })

test('a test event of each project is sent and looked for until it is seen', async () => {
  sentry.seenAt = 3
  expect(await ask({ send: both() })).toMatchObject({
    outcome: 'passed',
    say: expect.stringMatching(/: a test event is in shop-api after \d+s; a test event is in shop-web after \d+s$/),
    facts: { received: ['shop-api', 'shop-web'] },
  })
  expect(sentry.events.map(({ payload }) => payload)).toEqual(
    [0, 1].map(
      () => expect.objectContaining({ level: 'info', release: '1.4.0', environment: 'production' }) as unknown,
    ),
  )
})

test('an event that is refused, or is never seen, fails', async () => {
  const wrong = sentry.dsn('shop-api').replace('0a1b2c', 'ffffff')
  expect(await ask({ send: { 'shop-api': wrong } })).toMatchObject({
    outcome: 'failed',
    say: 'shop-api does not take events (403: event submission rejected with_reason: InvalidKey)',
  })
  sentry.seenAt = Infinity
  expect(await ask({ send: { 'shop-api': sentry.dsn('shop-api') }, within: '10s' })).toMatchObject({
    outcome: 'failed',
    say: 'a test event was taken, and is not in shop-api after 10s',
  })
  // It went into another project than the one that is looked at.
  sentry.seenAt = 1
  expect(await ask({ send: { 'shop-web': sentry.dsn('shop-api') }, within: '10s' })).toMatchObject({
    outcome: 'failed',
  })
})

test('issues that are found are counted, and none proves nothing where no event arrives', async () => {
  const search = { issues: 'is:unresolved level:[error,fatal] firstRelease:{{ version }}', projects: ['shop-api'] }
  expect(await ask(search)).toMatchObject({
    outcome: 'inconclusive',
    say: 'shop-api took no event at all, so no issue proves nothing',
  })
  expect(await ask({ ...search, 'may-be-silent': true })).toMatchObject({ outcome: 'passed', facts: { issues: 0 } })
  const issue = {
    project: 'shop-api',
    title: 'TypeError: x is undefined',
    level: 'error',
    firstRelease: '1.4.0',
    minutesAgo: 30,
  }
  sentry.issues.push(
    issue,
    { ...issue, level: 'info' },
    { ...issue, firstRelease: '1.3.0' },
    { ...issue, minutesAgo: 9_999 },
  )
  expect(await ask({ ...search, send: both() })).toMatchObject({
    outcome: 'failed',
    say: '1 issue first seen in 24h, at most 0: TypeError: x is undefined',
    facts: { issues: 1, titles: ['TypeError: x is undefined'] },
  })
  expect(await ask({ ...search, 'at-most': 1 })).toMatchObject({ outcome: 'passed' })
  expect(await ask({ ...search, last: '10m' })).toMatchObject({ outcome: 'passed' })
})

test('what cannot be asked is said, and never passes', async () => {
  const search = { issues: 'is:unresolved', projects: ['shop-api'] }
  expect(await ask(search, 'wrong')).toMatchObject({ outcome: 'errored', say: expect.stringContaining('(401)') })
  expect(await ask({ ...search, projects: ['nobody'] })).toMatchObject({
    outcome: 'errored',
    say: expect.stringContaining('has nothing at /api/0/projects/acme/nobody/issues/'),
  })
  expect(await ask({ ...search, issues: 'is:odd' })).toMatchObject({
    outcome: 'errored',
    say: expect.stringContaining('Error parsing search query: is:odd'),
  })
})
