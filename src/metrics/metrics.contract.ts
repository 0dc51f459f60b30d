/** What every metric source must do, whatever it reads: right counts for right answers, and no data for everything else. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ArmSample } from '../core/judge/verdict.ts'
import type { HistoryQuestion, MetricPowers, MetricQuestion, MetricSource } from '../core/ports/metrics.ts'
import type { Instant } from '../core/units.ts'

/** Totals since the start of the service; buckets are cumulative over 0.1, 0.5 and +Inf. */
export interface Truth {
  readonly bad: number
  readonly total: number
  readonly buckets: readonly [number, number, number]
  readonly gauge: number
}

export interface MetricsHarness {
  readonly kind: string
  open(url: string, timeout: string): MetricSource
  /** Questions in the source's own language for `Truth`. */
  readonly questions: (from: Instant, to: Instant) => readonly MetricQuestion[]
  readonly gaugeQuery: string
  /** Answers as a real server would at this truth; `before` is the truth of the interval's start. */
  answer(truth: Truth, before: Truth): RequestListener
  /** Null = the source keeps no past. Otherwise answers as a real server would that saw `truthAt`, with these instances. */
  readonly past: ((truthAt: (at: Instant) => Truth, instances: readonly string[]) => RequestListener) | null
  /** It can say which values a label had; false = of the past it has only numbers. */
  readonly hasMembers?: boolean
  /** Bodies that arrive whole with 200 and still are no data, by what they are. */
  readonly lies: Readonly<Record<string, { readonly type: string; readonly body: string }>>
}

export const start: Truth = { bad: 10, total: 1000, buckets: [500, 900, 1000], gauge: 0.5 }
export const later: Truth = { bad: 13, total: 1100, buckets: [560, 980, 1100], gauge: 0.75 }

export function metricSourceContract(harness: MetricsHarness): void {
  describe(`metric source ${harness.kind}`, () => {
    let server: Server
    let listener: RequestListener
    let url: string

    beforeEach(async () => {
      server = createServer((request, response) => listener(request, response))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    afterEach(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })

    const powers = (): MetricPowers => ({
      signal: new AbortController().signal,
      clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
      http: (address, init) => fetch(address, init),
    })
    /** One whole interval: the base is read, time passes, and the second reading is answered by `then`. */
    const interval = async (then: RequestListener): Promise<readonly ArmSample[]> => {
      const source = harness.open(url, '30s')
      const now = Math.floor(Date.now() / 1000) * 1000
      listener = harness.answer(start, start)
      await source.sample(harness.questions(now - 20_000, now - 10_000), powers())
      listener = then
      return source.sample(harness.questions(now - 10_000, now), powers())
    }
    const reasons = (samples: readonly ArmSample[]): readonly string[] =>
      samples.map((sample) => (sample.kind === 'no-data' ? sample.why : `not refused: ${JSON.stringify(sample)}`))

    test('counts are those of the interval, for every kind of metric', async () => {
      const [ratio, histogram, gauge, events] = await interval(harness.answer(later, start))
      expect(rounded(ratio)).toEqual({ kind: 'ratio', bad: 3, total: 100 })
      expect(rounded(histogram)).toEqual({ kind: 'histogram', le: [0.1, 0.5, Number.MAX_VALUE], counts: [60, 80, 100] })
      expect(gauge).toEqual({ kind: 'gauge', value: 0.75 })
      expect(rounded(events)).toEqual({ kind: 'events', count: 3, total: 100 })
    })

    test('a sample is plain JSON', async () => {
      const samples = await interval(harness.answer(later, start))
      expect(JSON.parse(JSON.stringify(samples))).toEqual(samples)
    })

    test('one number now', async () => {
      listener = harness.answer(later, start)
      expect(await harness.open(url, '30s').value(harness.gaugeQuery, Date.now(), powers())).toEqual({ value: 0.75 })
    })

    test('a server that answers can be probed', async () => {
      listener = harness.answer(later, start)
      expect(await harness.open(url, '30s').probe(powers())).toMatchObject({ ok: true })
    })

    const raw =
      (status: number, type: string, body: string, headers: Readonly<Record<string, string>> = {}): RequestListener =>
      (_request, response) => {
        response.writeHead(status, { 'content-type': type, ...headers })
        response.end(body)
      }
    const faults: Readonly<Record<string, { readonly listener: RequestListener; readonly why: RegExp }>> = {
      'an error page': { listener: raw(500, 'text/plain', 'out of memory'), why: /answered 500/ },
      'an HTML page with 200': { listener: raw(200, 'text/html', '<!doctype html><p>Sign in</p>'), why: /HTML page/ },
      'a redirect': { listener: raw(302, 'text/plain', '', { location: '/login' }), why: /redirected to \/login/ },
      'an empty answer': { listener: raw(200, 'text/plain', ''), why: /empty|broken JSON/ },
      'a broken connection': { listener: (request) => request.socket.destroy(), why: /cannot be reached/ },
      'an answer cut short': {
        listener: (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/plain' })
          response.write('{"status":"succ')
          setTimeout(() => response.socket?.destroy(), 10)
        },
        why: /cannot be reached/,
      },
      'an answer without end': { listener: endless, why: /larger than \d+ MB/ },
    }
    for (const [what, fault] of Object.entries(faults)) {
      test(`${what} is no data for every metric, with its reason`, async () => {
        for (const why of reasons(await interval(fault.listener))) expect(why).toMatch(fault.why)
      })
      test(`${what} is no number`, async () => {
        listener = fault.listener
        const answer = await harness.open(url, '30s').value(harness.gaugeQuery, Date.now(), powers())
        expect('noData' in answer ? answer.noData : 'not refused').toMatch(fault.why)
        expect((await harness.open(url, '30s').probe(powers())).ok).toBe(false)
      })
    }

    if (harness.past === null) {
      test('a source that keeps no past does not pretend to', () => {
        const source = harness.open(url, '30s')
        expect('history' in source).toBe(false)
        expect('members' in source).toBe(false)
      })
    } else pastContract(harness.past)

    for (const [what, lie] of Object.entries(harness.lies)) {
      test(`${what} is never a sample`, async () => {
        const samples = await interval(raw(200, lie.type, lie.body))
        expect(samples.map((sample) => sample.kind)).toEqual(samples.map(() => 'no-data'))
        expect(reasons(samples).every((why) => why.length > 5)).toBe(true)
      })
    }

    test('no answer in time is no data', async () => {
      const source = harness.open(url, '300ms')
      listener = () => undefined
      for (const why of reasons(await source.sample(harness.questions(0, 10_000), powers())))
        expect(why).toMatch(/no answer within 0.3 s/)
      expect((await source.probe(powers())).ok).toBe(false)
    })

    test('nobody listening is no data', async () => {
      const source = harness.open('http://127.0.0.1:9', '30s')
      const samples = await source.sample(harness.questions(0, 10_000), powers())
      for (const why of reasons(samples)) expect(why).toMatch(/cannot be reached/)
    })

    function pastContract(
      past: (truthAt: (at: Instant) => Truth, instances: readonly string[]) => RequestListener,
    ): void {
      const to = Math.floor(Date.now() / 1000) * 1000
      const truthAt = (at: Instant): Truth => {
        const intervals = (at - to) / 10_000
        const grown = (value: number, perInterval: number): number => value + intervals * perInterval
        const [a, b, c] = later.buckets
        return {
          bad: grown(later.bad, 3),
          total: grown(later.total, 100) + (at === to ? 20 : 0),
          buckets: [grown(a, 60), grown(b, 80), grown(c, 100)],
          gauge: later.gauge + intervals,
        }
      }
      const asked = (): readonly HistoryQuestion[] =>
        harness.questions(to - 10_000, to).map((one) => ({ ...one, from: to - 35_000, everyMs: 10_000 }))
      const history = (): Promise<readonly (readonly ArmSample[])[]> =>
        harness.open(url, '30s').history!(asked(), powers())
      const members = (): Promise<unknown> =>
        harness.open(url, '30s').members!(
          {
            queries: { bad: 'sum(rate(bad{v="1"}[10s]))' },
            labels: { v: '1' },
            label: 'instance',
            from: to - 9000,
            to,
          },
          powers(),
        )

      test('the past is counted interval by interval, oldest first, for every kind of metric', async () => {
        listener = past(truthAt, [])
        const [ratio, histogram, gauge, events] = await history()
        const counts = (total: number) => ({ kind: 'ratio', bad: 3, total })
        expect(ratio?.map(rounded)).toEqual([counts(100), counts(100), counts(120)])
        const buckets = { kind: 'histogram', le: [0.1, 0.5, Number.MAX_VALUE], counts: [60, 80, 100] }
        expect(histogram?.map(rounded)).toEqual([buckets, buckets, buckets])
        const value = (each: number) => ({ kind: 'gauge', value: each })
        expect(gauge?.map(rounded)).toEqual([value(-1.25), value(-0.25), value(0.75)])
        expect(events?.map(rounded)[2]).toEqual({ kind: 'events', count: 3, total: 120 })
      })

      test.runIf(harness.hasMembers !== false)('the instances of an arm are named in order', async () => {
        listener = past(truthAt, ['b:1', 'a:1', 'c:1'])
        expect(await members()).toEqual({ members: ['a:1', 'b:1', 'c:1'] })
        listener = past(truthAt, [])
        expect(await members()).toEqual({ members: [] })
      })

      for (const [what, fault] of Object.entries(faults)) {
        test(`${what} is no past, with its reason for every interval`, async () => {
          listener = fault.listener
          for (const samples of await history()) {
            expect(samples).toHaveLength(3)
            for (const why of reasons(samples)) expect(why).toMatch(fault.why)
          }
          if (harness.hasMembers !== false)
            expect(await members()).toEqual({ noData: expect.stringMatching(fault.why) as string })
        })
      }

      for (const [what, lie] of Object.entries(harness.lies)) {
        test(`${what} is never a sample of the past`, async () => {
          listener = raw(200, lie.type, lie.body)
          for (const samples of await history())
            expect(samples.map((sample) => sample.kind)).toEqual(['no-data', 'no-data', 'no-data'])
        })
      }

      test('a cancelled question has no past', async () => {
        const cancelled = { ...powers(), signal: AbortSignal.abort() }
        for (const samples of await harness.open(url, '30s').history!(asked(), cancelled))
          expect(samples.map((sample) => sample.kind)).toEqual(['no-data', 'no-data', 'no-data'])
      })
    }

    test('a cancelled question is no data', async () => {
      const cancelled = { ...powers(), signal: AbortSignal.abort() }
      const samples = await harness.open(url, '30s').sample(harness.questions(0, 10_000), cancelled)
      expect(samples.every((sample) => sample.kind === 'no-data')).toBe(true)
    })
  })
}

/** 50 MB, as fast as they are taken. */
const endless: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' })
  const piece = Buffer.alloc(1_000_000, 'x')
  let left = 50
  const more = (): void => {
    while (left-- > 0 && !response.destroyed) if (!response.write(piece)) return
    response.end()
  }
  response.on('drain', more)
  response.on('error', () => undefined)
  more()
}

function rounded(sample: ArmSample | undefined): unknown {
  return JSON.parse(JSON.stringify(sample), (_key, value: unknown) =>
    typeof value === 'number' && value < 1e9 ? Math.round(value * 1e6) / 1e6 : value,
  ) as unknown
}
