/** Spans as an SDK would see them: a recorder stands where one registers itself. */
import { type Attributes, context, type Span, trace, type Tracer } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryStore } from '../store/memory.ts'
import { openLog } from './log.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'

interface Seen {
  name: string
  attributes: Attributes
  status: number | undefined
  isEnded: boolean
}

let seen: Seen[]
let lines: string[]
let telemetry: Telemetry

beforeEach(async () => {
  seen = []
  lines = []
  trace.setGlobalTracerProvider({ getTracer: () => recorder() })
  telemetry = createTelemetry(await openLog('json', (line) => void lines.push(line)), '1.2.3')
})

afterEach(() => {
  telemetry.close()
  trace.disable()
})

function recorder(): Tracer {
  const start = (name: string, attributes: Attributes = {}): Span => {
    const one: Seen = { name, attributes: { ...attributes }, status: undefined, isEnded: false }
    seen.push(one)
    const span: Partial<Span> = {
      setAttribute: (key, value) => {
        one.attributes[key] = value
        return span as Span
      },
      setAttributes: (more) => {
        Object.assign(one.attributes, more)
        return span as Span
      },
      setStatus: ({ code }) => {
        one.status = code
        return span as Span
      },
      updateName: (changed) => {
        one.name = changed
        return span as Span
      },
      end: () => {
        one.isEnded = true
      },
    }
    return span as Span
  }
  return {
    startSpan: (name, options) => start(name, options?.attributes),
    startActiveSpan: ((
      name: string,
      options: { attributes?: Attributes },
      _parent: unknown,
      work: (s: Span) => unknown,
    ) => context.with(context.active(), () => work(start(name, options.attributes)))) as Tracer['startActiveSpan'],
  }
}

const request = { id: 'r-1', method: 'GET', from: '203.0.113.7', trace: {} }

describe('what is watched', () => {
  test('a request gives a span, a number and a line, by its route and never by its address', async () => {
    await telemetry.requests.around(request, () =>
      Promise.resolve({ route: '/v1/releases/{id}', status: 200, caller: 'ana', durationMs: 12.34 }),
    )
    expect(seen).toMatchObject([
      {
        name: 'GET /v1/releases/{id}',
        isEnded: true,
        attributes: { 'http.route': '/v1/releases/{id}', 'http.response.status_code': 200, 'holdpoint.caller': 'ana' },
      },
    ])
    expect(await telemetry.registry.text()).toContain(
      'holdpoint_http_request_seconds_count{method="GET",route="/v1/releases/{id}",status="200"} 1',
    )
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      message: 'request',
      id: 'r-1',
      caller: 'ana',
      status: 200,
      ms: 12.3,
    })
  })

  test('probes that go well fill no log, and a fault of ours is an error', async () => {
    const answer = (route: string, status: number) => () =>
      Promise.resolve({ route, status, caller: 'nobody', durationMs: 1 })
    await telemetry.requests.around(request, answer('/readyz', 200))
    expect(lines).toEqual([])
    await telemetry.requests.around(request, answer('/readyz', 503))
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', status: 503 })
    expect(seen[1]?.status).toBe(2)
  })

  test('an append is timed and counted, and a conflict stays the conflict that it is', async () => {
    const store = telemetry.store(new MemoryStore())
    const by = { id: 'ana', kind: 'person', assurance: 'claimed' } as const
    const append = () =>
      store.append({ streams: [{ stream: 'x', expectedVersion: 0, events: [{ at: 1, by, event: { kind: 'A' } }] }] })
    await append()
    await expect(append()).rejects.toThrow('x is at version 1, the writer saw 0')
    const text = await telemetry.registry.text()
    expect(text).toContain('holdpoint_store_events_total 1')
    expect(text).toContain('holdpoint_store_append_faults_total{fault="VersionConflict"} 1')
    expect(text).toContain('holdpoint_store_append_seconds_count 2')
    expect(seen.map(({ name, isEnded, status }) => [name, isEnded, status])).toEqual([
      ['append', true, undefined],
      ['append', true, 2],
    ])
  })

  test('an effect names its release and attempt, and how it came out', async () => {
    const run = () => Promise.resolve({ outcome: 'failed', say: 'p99 410 ms', evidence: [] })
    const given = {
      checks: { run },
      commands: { run },
      observer: { sample: run },
      traffic: { shift: run, restore: run },
    }
    const hands = telemetry.hands({ ...given, messenger: { send: run } } as never)
    const effect = { state: { id: 'shop-1' }, attempt: 'shop-1-a-1' }
    expect(await hands.checks.run({} as never, effect as never)).toMatchObject({ outcome: 'failed' })
    expect(seen).toMatchObject([
      {
        name: 'check',
        attributes: {
          'holdpoint.release': 'shop-1',
          'holdpoint.attempt': 'shop-1-a-1',
          'holdpoint.outcome': 'failed',
        },
      },
    ])
    expect(await telemetry.registry.text()).toContain('holdpoint_effect_seconds_count{kind="check",outcome="failed"} 1')
  })
})
