/** What can be watched of a process: its log, numbers for Prometheus, and spans for OpenTelemetry, if an SDK was loaded. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { RequestAnswered, RequestObserver, RequestSeen } from '../api/observe.ts'
import type { EnginePorts } from '../core/ports/engine.ts'
import type { Store } from '../core/ports/store.ts'
import type { Log } from './log.ts'
import { createRegistry, type Registry } from './registry.ts'

type Hands = Omit<EnginePorts, 'store' | 'clock' | 'judge'>

export interface Telemetry {
  readonly registry: Registry
  readonly requests: RequestObserver
  /** The same store: its appends are timed, traced and counted. */
  store(store: Store): Store
  /** The same hands: each effect is timed, traced and counted. */
  hands(ports: Hands): Hands
  close(): void
}

/** Asked all the time by machines that watch: told at `debug` while they go well. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics'])

export function createTelemetry(log: Log, version: string): Telemetry {
  const registry = createRegistry()
  const tracer = trace.getTracer('holdpoint', version)
  const delay = processNumbers(registry)
  registry.info('holdpoint_build_info', 'The program that runs', { version })
  const requests = registry.histogram('holdpoint_http_request_seconds', 'Time until the answer began, by route')
  const appends = registry.histogram('holdpoint_store_append_seconds', 'Time of a durable append')
  const events = registry.counter('holdpoint_store_events_total', 'Events appended by this process')
  const faults = registry.counter('holdpoint_store_append_faults_total', 'Appends that failed, by kind of failure')
  const effects = registry.histogram(
    'holdpoint_effect_seconds',
    'Time of checks, commands, shifts, samples and messages',
  )

  const within = async <T>(
    name: string,
    attributes: Readonly<Record<string, string | number>>,
    work: (span: Span) => Promise<T>,
    options: { kind?: SpanKind; parent?: ReturnType<typeof context.active> } = {},
  ): Promise<T> =>
    tracer.startActiveSpan(
      name,
      { attributes, kind: options.kind ?? SpanKind.INTERNAL },
      options.parent ?? context.active(),
      async (span) => {
        try {
          return await work(span)
        } catch (cause) {
          // The class of the fault and no more: messages may carry what nobody else should read.
          span.setStatus({ code: SpanStatusCode.ERROR, message: cause instanceof Error ? cause.name : 'fault' })
          throw cause
        } finally {
          span.end()
        }
      },
    )

  const around = (seen: RequestSeen, answer: () => Promise<RequestAnswered>) =>
    within(
      seen.method,
      { 'http.request.method': seen.method, 'holdpoint.request': seen.id },
      async (span) => {
        const { route, status, caller, durationMs } = await answer()
        span.updateName(`${seen.method} ${route}`)
        span.setAttributes({ 'http.route': route, 'http.response.status_code': status, 'holdpoint.caller': caller })
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        requests.observe(durationMs / 1_000, { method: seen.method, route, status: String(status) })
        const level = status >= 500 ? 'error' : status < 400 && QUIET.has(route) ? 'debug' : 'info'
        const ms = Math.round(durationMs * 10) / 10
        log.tell(level, 'request', { id: seen.id, method: seen.method, route, status, ms, caller, from: seen.from })
      },
      { kind: SpanKind.SERVER, parent: propagation.extract(context.active(), seen.trace) },
    )

  const watchedStore = (store: Store): Store => {
    const append = store.append.bind(store)
    return Object.assign(store, {
      append: (...asked: Parameters<Store['append']>) => {
        const [{ streams }] = asked
        return within('append', { 'holdpoint.streams': streams.length }, async () => {
          const startedAt = performance.now()
          try {
            const added = await append(...asked)
            events.add({}, added.length)
            return added
          } catch (cause) {
            faults.add({ fault: cause instanceof Error ? cause.name : 'unknown' })
            throw cause
          } finally {
            appends.observe((performance.now() - startedAt) / 1_000)
          }
        })
      },
    })
  }

  /** The context of an effect is its last argument; it names the release and the attempt. */
  const effect =
    <A extends readonly unknown[], R>(kind: string, run: (...given: A) => Promise<R>) =>
    (...given: A): Promise<R> =>
      within(kind, attributesOf(given.at(-1)), async (span) => {
        const startedAt = performance.now()
        let outcome = 'fault'
        try {
          const result = await run(...given)
          outcome = outcomeOf(result)
          span.setAttribute('holdpoint.outcome', outcome)
          return result
        } finally {
          effects.observe((performance.now() - startedAt) / 1_000, { kind, outcome })
        }
      })

  return {
    registry,
    requests: { around },
    store: watchedStore,
    hands: (ports) => ({
      ...ports,
      checks: { ...ports.checks, run: effect('check', ports.checks.run.bind(ports.checks)) },
      commands: { ...ports.commands, run: effect('command', ports.commands.run.bind(ports.commands)) },
      observer: { ...ports.observer, sample: effect('sample', ports.observer.sample.bind(ports.observer)) },
      traffic: {
        ...ports.traffic,
        shift: effect('shift', ports.traffic.shift.bind(ports.traffic)),
        restore: effect('restore', ports.traffic.restore.bind(ports.traffic)),
      },
      messenger: { ...ports.messenger, send: effect('message', ports.messenger.send.bind(ports.messenger)) },
    }),
    close: () => delay.disable(),
  }
}

function attributesOf(given: unknown): Readonly<Record<string, string>> {
  const { state, attempt } = (given ?? {}) as { state?: { id?: unknown }; attempt?: unknown }
  return {
    ...(typeof state?.id === 'string' ? { 'holdpoint.release': state.id } : {}),
    ...(typeof attempt === 'string' ? { 'holdpoint.attempt': attempt } : {}),
  }
}

function outcomeOf(result: unknown): string {
  const { outcome, kind } = (result ?? {}) as { outcome?: unknown; kind?: unknown }
  if (typeof outcome === 'string') return outcome
  return typeof kind === 'string' ? kind : 'done'
}

function processNumbers(registry: Registry): ReturnType<typeof monitorEventLoopDelay> {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  const cpu = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
  registry.gauge('process_cpu_seconds_total', 'CPU time of this process', cpu, 'counter')
  registry.gauge('process_resident_memory_bytes', 'Memory of this process', () => process.memoryUsage.rss())
  registry.gauge('process_start_time_seconds', 'Start of this process', () => Date.now() / 1_000 - process.uptime())
  registry.gauge('nodejs_eventloop_delay_p99_seconds', 'Delay of the event loop since the last reading', () => {
    const seconds = delay.percentile(99) / 1e9
    delay.reset()
    return seconds
  })
  return delay
}
