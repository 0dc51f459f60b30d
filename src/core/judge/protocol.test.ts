/** The judge as a stream of lines: one answer for each, whatever the line is. */
import { describe, expect, test } from 'vitest'
import { type Answer, createLineJudge } from './protocol.ts'
import { latencies } from './statistical/policy.fixture.ts'

const le = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, '+Inf']
const plan = [{ share: 0.2, seconds: 900 }]
const start = { type: 'start', id: 'one', step: 15, le, plan, warmup: 60, minBake: 300 }

interface Given {
  readonly errors?: number
  readonly times?: number
  readonly t?: number
  readonly type?: 'interval' | 'history'
  readonly more?: Record<string, unknown>
}

function arm(requests: number, errors: number, times = 1): Record<string, unknown> {
  return { requests, errors, buckets: latencies(requests, 0.15 * times) }
}

/** The n-th interval, of a canary with 6 errors in 2,000 requests. */
function line(n: number, { errors = 6, times = 1, type = 'interval', more = {} }: Given = {}): Record<string, unknown> {
  const both = { canary: arm(2000, errors, times), stable: arm(8000, 24) }
  return { type, t: 15 * n, dt: 15, stage: 0, weight: 0.2, ...both, ...more }
}

function play(count: number, given: Given = {}, from: Record<string, unknown> = start): readonly Answer[] {
  const judge = createLineJudge()
  judge(from)
  return Array.from({ length: count }, (_, i) => judge(line(i + 1, given)))
}

const verdicts = (answers: readonly Answer[]): readonly string[] => answers.map(({ verdict }) => verdict)

describe('a run', () => {
  test('of a healthy canary holds until the stage has soaked, then proceeds', () => {
    const answers = play(62)
    expect(verdicts(answers.slice(0, 59))).not.toContain('ROLLBACK')
    expect(verdicts(answers.slice(0, 59))).not.toContain('PROCEED')
    expect(answers[59]).toMatchObject({ verdict: 'PROCEED', reason: 'certified', needed: 100 })
    expect(answers[58]).toMatchObject({ verdict: 'HOLD', reason: 'soaking' })
  })

  test('that may go early proceeds once it is certified and the least bake is over', () => {
    const judge = createLineJudge({ early: true })
    judge(start)
    const answers = Array.from({ length: 60 }, (_, i) => judge(line(i + 1)).verdict)
    expect(answers.indexOf('PROCEED')).toBeGreaterThanOrEqual(19)
    expect(answers.indexOf('PROCEED')).toBeLessThan(59)
  })

  test('of a broken canary rolls back, and says the same for ever after', () => {
    const judge = createLineJudge()
    judge(start)
    const answers = Array.from({ length: 30 }, (_, i) => judge(line(i + 1, { errors: 60 })))
    const first = answers.findIndex(({ verdict }) => verdict === 'ROLLBACK')
    expect(first).toBeGreaterThan(0)
    expect(answers[first]?.reason).toBe('errors')
    expect(answers[first]?.e).toBeGreaterThanOrEqual(100)
    expect(judge(line(31))).toEqual(answers[first])
  })

  test('of a slow canary rolls back and names the quantile', () => {
    const last = play(30, { times: 1.6 }).at(-1)
    expect(last?.verdict).toBe('ROLLBACK')
    expect(last?.reason).toMatch(/^latency p(75|95|99)$/)
  })

  test('of an outage is over with the first interval, in the warm-up too', () => {
    expect(play(1, { errors: 1000 })[0]?.verdict).toBe('ROLLBACK')
  })

  test('of sign-ups that stay away names them', () => {
    const judge = createLineJudge()
    judge({ ...start, limits: { events: { signups: { rollback: 0.8, go: 0.7 } } } })
    const withEvents = (n: number): Record<string, unknown> =>
      line(n, {
        more: {
          canary: { ...arm(2000, 6), events: { signups: 50 } },
          stable: { ...arm(8000, 24), events: { signups: 800 } },
        },
      })
    const answers = Array.from({ length: 30 }, (_, i) => judge(withEvents(i + 1)))
    expect(answers.at(-1)).toMatchObject({ verdict: 'ROLLBACK', reason: 'signups' })
  })

  test('begins afresh with the next start line, whatever was before', () => {
    const judge = createLineJudge()
    const once = (): readonly Answer[] => {
      judge(start)
      return Array.from({ length: 40 }, (_, i) => judge(line(i + 1)))
    }
    const first = once()
    judge(start)
    for (let i = 1; i < 20; i += 1) judge(line(i, { errors: 500 }))
    expect(once()).toEqual(first)
  })

  test('counts raw counters as it counts increases, from the second reading on', () => {
    const judge = createLineJudge()
    judge({ ...start, counters: 'cumulative' })
    const answers = Array.from({ length: 30 }, (_, i) =>
      judge(
        line(i + 1, { more: { canary: arm(2000 * (i + 1), 60 * (i + 1)), stable: arm(8000 * (i + 1), 24 * (i + 1)) } }),
      ),
    )
    expect(answers[0]).toMatchObject({ verdict: 'HOLD', reason: 'no-canary' })
    expect(answers.at(-1)).toMatchObject({ verdict: 'ROLLBACK', reason: 'errors' })
  })

  test('learns from history without judging it', () => {
    const judge = createLineJudge()
    judge(start)
    for (let n = -240; n < 0; n += 1)
      expect(judge(line(n, { type: 'history', errors: 200 }))).toEqual({ verdict: 'HOLD', reason: 'history' })
    expect(judge(line(1)).verdict).toBe('HOLD')
  })

  test('goes on with the same evidence in the next stage, where certificates start afresh', () => {
    const judge = createLineJudge()
    judge({ ...start, plan: [...plan, { share: 0.5, seconds: 300 }] })
    for (let n = 1; n <= 60; n += 1) judge(line(n))
    const next = judge(line(61, { more: { stage: 1 } }))
    expect(next.verdict).toBe('HOLD')
    expect(next.reason).toContain('certificate')
  })
})

describe('a line that cannot be used', () => {
  test.each([
    ['no object', 'start', 'a run begins with a line of type "start"'],
    ['null', null, 'a run begins with a line of type "start"'],
    ['a list', [], 'a run begins with a line of type "start"'],
    ['an interval before any start', line(1), 'a run begins with a line of type "start"'],
    ['a start without a step', { ...start, step: undefined }, 'step'],
    ['a start without a plan', { ...start, plan: [] }, 'plan'],
    ['a start with a chance beyond 1', { ...start, alpha: 2 }, 'alpha'],
    [
      'a start with unusable limits',
      { ...start, limits: { errorRate: { rollback: 'much' } } },
      'limits.errorRate.rollback',
    ],
  ])('%s is answered with HOLD and the reason', (_, given, reason) => {
    const found = createLineJudge()(given)
    expect(found.verdict).toBe('HOLD')
    expect(found.reason).toContain(reason)
  })

  test.each([
    ['of no type', { type: undefined }, 'type'],
    ['of another type', { type: 'stop' }, 'type'],
    ['without a time', { t: undefined }, 't'],
    ['at no time', { t: Number.NaN }, 't'],
    ['without a length', { dt: undefined }, 'dt'],
    ['that goes backwards', { dt: -15 }, 'dt'],
    ['of half a stage', { stage: 0.5 }, 'stage'],
    ['of a weight in words', { weight: 'all' }, 'weight'],
  ])('an interval %s is answered with HOLD, and changes nothing', (_, more, reason) => {
    const judge = createLineJudge()
    judge(start)
    for (let n = 1; n <= 60; n += 1) judge(line(n))
    const found = judge(line(61, { more }))
    expect(found.verdict).toBe('HOLD')
    expect(found.reason).toMatch(new RegExp(`^this line cannot be used: ${reason}: `))
    expect(judge(line(62)).verdict).toBe('PROCEED')
  })

  test('a start that cannot be used ends the run before it', () => {
    const judge = createLineJudge()
    judge(start)
    judge({ ...start, step: -1 })
    expect(judge(line(1)).reason).toBe('a run begins with a line of type "start"')
  })

  test('a late or repeated interval changes nothing', () => {
    const [judge, clean] = [createLineJudge(), createLineJudge()]
    judge(start)
    clean(start)
    for (let n = 1; n <= 60; n += 1) {
      expect(judge(line(n))).toEqual(clean(line(n)))
      expect(judge(line(n, { errors: 2000 })).reason).toBe('a line that is late or has been seen')
      expect(judge(line(n - 3, { errors: 2000 })).verdict).toBe('HOLD')
    }
  })
})

describe('numbers that do not come', () => {
  const broken: readonly (readonly [string, Record<string, unknown>])[] = [
    ['no canary', { canary: null }],
    ['no stable', { stable: null }],
    ['neither arm', { canary: undefined, stable: undefined }],
    ['a canary without buckets', { canary: { requests: 2000, errors: 6 } }],
    ['a canary whose errors nobody knows', { canary: { ...arm(2000, 6), errors: null } }],
    ['negative requests', { canary: { ...arm(2000, 6), requests: -5 } }],
    ['absurd requests', { canary: { requests: 1e308, errors: 0, buckets: le.map(() => 1e308) } }],
    ['a canary without requests', { canary: arm(0, 0) }],
  ]

  test.each(broken)('%s from the beginning is never a pass', (_, more) => {
    const answers = play(200, { more })
    expect(verdicts(answers)).not.toContain('PROCEED')
    expect(verdicts(answers)).not.toContain('ROLLBACK')
  })

  test.each(broken.filter(([name]) => name !== 'a canary without requests'))(
    '%s after all was certified is no pass either, once it has lasted a minute',
    (_, more) => {
      const judge = createLineJudge()
      judge(start)
      for (let n = 1; n <= 50; n += 1) judge(line(n))
      const answers = Array.from({ length: 100 }, (_, i) => judge(line(51 + i, { more })))
      expect(verdicts(answers.slice(5))).not.toContain('PROCEED')
      expect(judge(line(160)).verdict).toBe('PROCEED')
    },
  )
})
