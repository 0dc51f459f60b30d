import { expect, test } from 'vitest'
import { evidenceText, falseClock, runCheck } from './parts/powers.fixture.ts'
import { promql as definition } from './promql.ts'

const check = definition as never
type Sample = number | string
const query = 'errors{version="{{version}}"}'

/** Answers with these samples one after another, the last for ever; text = no data. */
function watching(
  samples: readonly Sample[],
  settings: object,
  overrides: Parameters<typeof runCheck>[2] = {},
): { result: ReturnType<typeof runCheck>; asked: { query: string; at: number }[] } {
  const asked: { query: string; at: number }[] = []
  const metric = (_source: string, text: string, at: number): Promise<{ value: number } | { noData: string }> => {
    const sample = samples[Math.min(asked.length, samples.length - 1)] ?? 'nothing'
    asked.push({ query: text, at })
    return Promise.resolve(typeof sample === 'number' ? { value: sample } : { noData: sample })
  }
  const result = runCheck(
    check,
    { on: 'metrics', query, ...settings },
    { metric, clock: falseClock(0), variables: { version: '1"', baseline: '0.010' }, ...overrides },
  )
  return { result, asked }
}
const outcome = async (samples: readonly Sample[], settings: object): Promise<string> =>
  (await watching(samples, settings).result).outcome

test('one sample inside its limit passes, with the number beside the limit', async () => {
  const { result, asked } = watching([0.004], { below: '1%' })
  expect(await result).toMatchObject({ outcome: 'passed', say: '0.004, 1 sample, below 1%' })
  expect(asked[0]?.query).toBe('errors{version="1\\""}')
})

test('every limit has an inside and an outside', async () => {
  const cases: [object, number, number][] = [
    [{ below: '1%' }, 0.0099, 0.01],
    [{ above: '10' }, 10.1, 10],
    [{ below: '500ms' }, 0.4, 0.5],
    [{ between: '10 and 20' }, 20, 20.1],
    [{ between: '10..20' }, 10, 9.9],
    [{ outside: '10 and 20' }, 9.9, 10],
    [{ outside: '10 and 20' }, 20.1, 20],
    [{ versus: 'baseline', within: '+20%' }, 0.012, 0.0121],
    [{ versus: 'baseline', within: '+0.5pp' }, 0.015, 0.0151],
    [{ versus: 'baseline', within: '-20%' }, 0.008, 0.0079],
    [{ versus: 'baseline', within: '-0.5pp' }, 0.005, 0.0049],
    [{ below: '10', above: '5' }, 7, 5],
  ]
  for (const [settings, inside, outside] of cases) {
    expect(await outcome([inside], settings), JSON.stringify(settings)).toBe('passed')
    expect(await outcome([outside], settings), JSON.stringify(settings)).toBe('failed')
  }
})

test('a window is watched to its end, at its interval', async () => {
  const { result, asked } = watching([0.001], { below: '1%', for: '5m', every: '1m', minSamples: 6 })
  expect((await result).outcome).toBe('passed')
  expect(asked.map(({ at }) => at / 60_000)).toEqual([0, 1, 2, 3, 4, 5])
  expect(evidenceText(await result).split('\n').length).toBe(7)
})

test('a breach ends the window at once', async () => {
  const { result, asked } = watching([0.001, 0.001, 0.5, 0.001], { below: '1%', for: '5m', every: '1m' })
  expect(await result).toMatchObject({ outcome: 'failed', say: '0.5, expected below 1%' })
  expect(asked.length).toBe(3)
})

test('no data, NaN and infinity anywhere in the window are never a pass', async () => {
  for (const bad of ['no series', Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(await outcome([bad], { below: '1%' })).toBe('inconclusive')
    expect(await outcome([bad], { above: '1%' })).toBe('inconclusive')
    expect(await outcome([0.001, bad, 0.001], { below: '1%', for: '5m', every: '1m' })).toBe('inconclusive')
  }
  expect((await watching(['the query gives 3 series'], { below: '1%' }).result).say).toContain(
    'the query gives 3 series',
  )
})

test('too few samples are inconclusive', async () => {
  expect(await outcome([0.001], { below: '1%', for: '1m', every: '30s', minSamples: 20 })).toBe('inconclusive')
})

test('a baseline that is missing or no number decides nothing', async () => {
  const settings = { versus: 'baseline', within: '+20%' }
  expect((await watching([0.01], settings, { variables: { version: '1' } }).result).outcome).toBe('errored')
  expect((await watching([0.01], settings, { variables: { version: '1', baseline: 'low' } }).result).outcome).toBe(
    'errored',
  )
})

test('a window that was not watched to its end is no proof', async () => {
  const stopping = new AbortController()
  const clock = { now: falseClock(0).now, sleep: () => Promise.resolve(stopping.abort()) }
  const { result } = watching([0.001], { below: '1%', for: '5m', every: '1m' }, { clock, signal: stopping.signal })
  expect((await result).outcome).toBe('inconclusive')
})

test('a source that throws is no data', async () => {
  const result = await watching([1], { below: '1%' }, { metric: () => Promise.reject(new Error('no route')) }).result
  expect(result).toMatchObject({ outcome: 'inconclusive', say: 'no data: no route' })
})

test('mistakes in the limits are found before it runs', () => {
  const mistakes: [object, string][] = [
    [{ below: { production: '1%', else: 'low' } }, 'below=low'],
    [{ below: 'low' }, 'below=low'],
    [{ between: '20 and 10' }, 'greater'],
    [{ between: '20' }, 'expected two values'],
    [{ versus: 'baseline' }, 'together'],
    [{ versus: 'baseline', within: '20' }, 'within=20'],
    [{ below: '1%', for: '5 parsecs' }, 'duration'],
  ]
  for (const [settings, message] of mistakes) {
    const parsed = definition.config.safeParse({ on: 'metrics', query, ...settings })
    expect(parsed.error?.issues.map((issue) => issue.message).join('\n'), JSON.stringify(settings)).toContain(message)
  }
})

test('a limit of YAML may be a plain number', async () => {
  const limits = definition.config.parse({ on: 'metrics', query, below: 5, above: -1 })
  expect(limits).toMatchObject({ below: '5', above: '-1' })
  expect((await watching([7], { below: 5 }).result).say).toContain('expected below 5')
})

test('without a limit `expect` decides, and with neither the block is told what is missing', async () => {
  const expecting = (answer: boolean): Parameters<typeof runCheck>[2] => ({
    expectation: 'value > 3',
    expect: () => answer,
  })
  expect(await watching([7], {}, expecting(true)).result).toMatchObject({
    outcome: 'passed',
    say: expect.stringContaining('expected value > 3'),
  })
  expect((await watching([2], {}, expecting(false)).result).outcome).toBe('failed')
  expect((await watching([7], {}).result).outcome).toBe('errored')
  expect(definition.undecided?.({ on: 'metrics', query })).toContain('expect=')
  expect(definition.undecided?.({ on: 'metrics', query, below: '1%' })).toBeNull()
})

test('each environment has its limit, and one of which nothing is said is held to none', async () => {
  const inside = (environment: string, below: unknown): Promise<{ outcome: string; say: string }> =>
    watching([0.03], { below }, { variables: { version: '1', environment } }).result
  for (const below of [{ production: '1%', else: '5%' }, 'production: 1%, else: 5%']) {
    expect((await inside('production', below)).say).toBe('0.03, expected below 1%')
    expect((await inside('staging', below)).outcome).toBe('passed')
  }
  await expect(inside('staging', { production: '1%' })).resolves.toMatchObject({
    outcome: 'errored',
    say: 'below says nothing of staging, nor else',
  })
  expect(definition.environments?.({ below: 'production: 1%, else: 5%' })).toEqual(['production'])
})
