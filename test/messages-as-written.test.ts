/** A team's own announcements can be sent exactly as the team wrote them: every sample value comes from the release. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { kinds } from '../src/app/app.ts'
import { compile } from '../src/core/plan/compile.ts'
import { renderProblem } from '../src/core/plan/problem.ts'
import type { MetricReading } from '../src/core/judge/verdict.ts'
import type { MessageState, ReleaseState } from '../src/core/release/state.ts'
import { notifiers } from '../src/notify/index.ts'
import { realClock } from '../src/worker/clock.ts'
import { createMessenger } from '../src/worker/messenger.ts'
import { createOutbound } from '../src/worker/outbound.ts'
import { createSecretVault } from '../src/worker/secret-vault.ts'
import { person, ReleaseSpec, verdict } from './support/release-spec.ts'

const folder = join(import.meta.dirname, '../../shared/seeds')
const isThere = existsSync(folder)
const root = mkdtempSync(join(tmpdir(), 'hp-messages-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The fences of the part on communication, in their order. */
function announcements(): readonly string[] {
  const name = readdirSync(folder).find((each) => each.startsWith('001'))
  const text = readFileSync(join(folder, name ?? ''), 'utf8')
  const part = /\n## Communication Templates\n([^]*?)\n## /.exec(text)?.[1] ?? ''
  return [...part.matchAll(/^```\n([^]*?)\n```$/gm)].map((match) => match[1] ?? '')
}

/** A sample in a text: what it is replaced by, and the value that a release then has to give. */
interface Sample {
  readonly found: RegExp
  readonly by: string
}

const samples: readonly Sample[] = [
  { found: /#deploy-v\d+-\d+-\d+/, by: '{{ war_room }}' },
  { found: /(?<=Rolling back to )v[\d.]+/, by: '{{ previous }}' },
  { found: /v\d+\.\d+\.\d+/g, by: '{{ version }}' },
  { found: /(?<=\*\*Time\*\*: )\S+ \S+ UTC/, by: '{{ started_at }}' },
  { found: /(?<=\*\*Completed\*\*: )\S+ \S+ UTC/, by: '{{ now }}' },
  { found: /(?<=~)\d+ hours/, by: '{{ duration | words }}' },
  { found: /(?<=\*\*(?:Changes|Impact)\*\*: )(.+)/g, by: '{{ WORDS }}' },
  { found: /(?<=\*\*On-Call\*\*: )\S+/, by: '{{ contact.on_call }}' },
  { found: /(?<=Checklist: )\S+/, by: '{{ checklist_url }}' },
  { found: /[A-Z][a-z]+ \d+, \d{4}(?= at )/, by: '{{ started_at | time "MMMM D, YYYY" }}' },
  {
    found: /\d\d:\d\d-\d\d:\d\d(?= UTC)/,
    by: '{{ started_at | time "HH:mm" }}-{{ expected_end | time "HH:mm" }}',
  },
  { found: /(?<=(?:Expected impact|Affected services): )(.+)/g, by: '{{ WORDS }}' },
  { found: /\d+%(?= deployed)/, by: '{{ percent }}' },
  { found: /✅ Healthy/, by: '{{#if health == "Healthy"}}✅ {{/if}}{{ health }}' },
  { found: /(?<=\*\*Status\*\*: )Healthy/, by: '{{ health }}' },
  { found: /(?<=\*\*Error Rate\*\*: )\S+%(?= \(baseline)/, by: '{{ metric.errors }}' },
  { found: /(?<=Error Rate.*baseline: )[^)]+/, by: '{{ baseline.errors }}' },
  { found: /(?<=\*\*Latency p95\*\*: )\S+(?= \(baseline)/, by: '{{ metric.latency.p95 }}' },
  { found: /(?<=Latency.*baseline: )[^)]+/, by: '{{ baseline.latency }}' },
  { found: /(?<=\*\*Issues\*\*: )None/, by: '{{ issues | or "None" }}' },
  { found: /(?<=Proceeding to )\d+%/, by: '{{ next_percent }}' },
  { found: /(?<= in )\d+ minutes(?=\.)/, by: '{{ next_stage_in | words }}' },
  { found: /(?<=Monitoring for )\d+ hours/, by: '{{ watch_for | words }}' },
  { found: /(?<=sign off at )\d\d:\d\d/, by: '{{ signoff_at | time "HH:mm" }}' },
  { found: /(?<=\*\*Reason\*\*: ).+/, by: '{{ trigger }}' },
  { found: /(?<=\*\*ETA\*\*: )\d+ minutes/, by: '{{ rollback_eta | words }}' },
]

/** The same text with names where samples were, and the words that no release knows by itself, as inputs. */
function templated(text: string, inputs: Map<string, string>): string {
  return samples.reduce((each, { found, by }) => {
    return each.replace(found, (whole) => {
      if (!by.includes('WORDS')) return by
      const name = `words_${inputs.size}`
      inputs.set(name, whole)
      return by.replace('WORDS', name)
    })
  }, text)
}

const minute = 60_000
const events = [
  'release.started',
  'release.started',
  'rollout.started every=30m',
  'rollout.finished',
  'rollout.finished',
  'rollback.started',
  'rollback.started',
]

function documentOf(templates: readonly string[], inputs: ReadonlyMap<string, string>, found: Found): string {
  const declared = [...inputs.keys()].map((name) => `  ${name}: { default: "" }`).join('\n')
  const notify = templates.map((text, at) => `\`\`\`md notify id=m${at} on=${events[at]} to=log\n${text}\n\`\`\`\n`)
  const metrics = `{ errors: { kind: ratio, bad: b, total: t, go: "< 1%" }, latency: { kind: histogram, buckets: h, go: "p95 < 2s" } }`
  const judge = `{ every: 1m, policy: threshold, source: prom, metrics: ${metrics} }`
  return `---
holdpoint: 1
inputs:
${declared}
sources: { prom: { kind: prometheus, url: "http://localhost:9090" } }
channels: { log: { kind: file, path: told.jsonl } }
contacts: { on_call: "${found.onCall}" }
rollback-within: 10m
---
# Release

## Before

- [ ] Usual numbers
  \`\`\`yaml baseline
  values:
    errors: { type: percent, query: e }
    latency: { type: duration, query: l }
  \`\`\`

## Rollout
\`\`\`yaml rollout
components: { api: { traffic: command, set: "true", read: "true", restore: "true" } }
stages: [{ weight: 5%, soak: 30m }, { weight: 25%, soak: 60m }, { weight: 50%, soak: 30m }]
judge: ${judge}
\`\`\`
${notify.join('\n')}

## Watch

- [ ] ${found.trigger}
  \`\`\`yaml trigger
  action: rollback
  check: { kind: tcp, host: db, port: 5432 }
  \`\`\`
- [ ] Two hours
  \`\`\`yaml watch
  for: 2h
  judge: ${judge}
  \`\`\`
`
}

/** Samples that the release itself has to be given. */
interface Found {
  readonly version: string
  readonly previous: string
  readonly start: number
  readonly onCall: string
  readonly link: string
  readonly trigger: string
  readonly numbers: readonly number[]
}

function foundIn(text: string): Found {
  const first = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? ''
  const numbers = [/Error Rate\*\*: ([\d.]+)%/, /Error Rate.*baseline: ([\d.]+)%/].map(
    (each) => Number(first(each)) / 100,
  )
  const seconds = [/p95\*\*: ([\d.]+)s/, /p95.*baseline: ([\d.]+)s/].map((each) => Number(first(each)))
  return {
    version: first(/(v\d+\.\d+\.\d+)/),
    previous: first(/Rolling back to (v[\d.]+)/),
    start: Date.parse(`${first(/\*\*Time\*\*: (\S+ \S+) UTC/).replace(' ', 'T')}Z`),
    onCall: first(/\*\*On-Call\*\*: (\S+)/),
    link: first(/Checklist: (\S+)/),
    trigger: first(/\*\*Reason\*\*: (.+)/),
    numbers: [...numbers, ...seconds],
  }
}

function reading(metric: string, quantile: number | null, unit: MetricReading['unit'], canary: number): MetricReading {
  const limits = { go: null, rollback: null, versusStable: null }
  return {
    metric,
    quantile,
    unit,
    canary,
    stable: canary,
    samples: 100,
    zone: 'go',
    why: 'healthy',
    limits,
    say: '',
  }
}

interface Told {
  readonly state: ReleaseState
  readonly messages: readonly MessageState[]
}

/** From the start to a finished rollout, with the trigger firing in the watch, at the hours the texts name. */
function told(document: string, found: Found, inputs: ReadonlyMap<string, string>): Told {
  const { plan, problems } = compile(
    { file: 'release.md', bytes: new TextEncoder().encode(document), shared: null },
    kinds(),
  )
  expect(problems.filter(({ severity }) => severity === 'error').map(renderProblem)).toEqual([])
  const [errors = 0, usualErrors = 0, latency = 0, usualLatency = 0] = found.numbers
  const healthy = {
    ...verdict('go', 'healthy', found.start),
    metrics: [reading('errors', null, 'ratio', errors), reading('latency', 0.95, 'seconds', latency)],
  }
  const spec = new ReleaseSpec()
  spec.now = found.start
  spec.start(plan!, {
    version: found.version,
    previous: found.previous,
    link: found.link,
    inputs: Object.fromEntries(inputs),
    workspace: { root, commit: null, dirty: false },
  })
  const usual = 'before/usual-numbers'
  for (const [field, value] of [
    ['errors', usualErrors],
    ['latency', usualLatency],
  ] as const)
    spec.do({ kind: 'CaptureField', step: usual, field, value, say: 'captured' })
  const until = (at: number): void => {
    spec.pass(at - spec.now)
  }
  const soak = (stage: number, soaked: number, at: number): void => {
    until(at - 1)
    spec.measure('rollout', stage, soaked * minute, healthy)
    spec.tick()
  }
  spec.shift('rollout', 'api')
  soak(0, 30, found.start + 30 * minute)
  spec.shift('rollout', 'api')
  soak(1, 30, found.start + 60 * minute)
  until(found.start + 61 * minute)
  soak(1, 60, found.start + 90 * minute)
  spec.shift('rollout', 'api')
  soak(2, 30, found.start + 120 * minute)
  spec.do(
    { kind: 'RecordTriggerReading', trigger: spec.current.plan.triggers[0]!.id, reading: 'firing', say: '6 %' },
    person('engine'),
  )
  const messages = [...spec.current.messages.values()].filter(({ channel }) => channel === 'log')
  return { state: spec.current, messages }
}

/** Through the messenger of the engine, into a real file. */
async function sentAs({ state, messages }: Told): Promise<readonly { readonly id: string; readonly body: string }[]> {
  const outbound = createOutbound()
  const messenger = createMessenger({
    notifiers,
    clock: realClock(),
    outbound,
    vault: createSecretVault({}),
    console: () => {},
  })
  const context = { state, attempt: '', epoch: 1, signal: new AbortController().signal, progress: () => {} }
  for (const { id, on, subject, body, channel } of messages) {
    const { ok, say } = await messenger.send({ id, release: state.id, on, subject, body }, channel, context)
    expect(ok, say).toBe(true)
  }
  outbound.close()
  const lines = readFileSync(join(root, 'told.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as { id: string; body: string })
}

test.runIf(!isThere && process.env['CI'] === 'true')(
  'the announcements of the team are there to be compared with',
  () => {
    expect.fail(`${folder} is missing`)
  },
)

describe.runIf(isThere)('the announcements of a team', () => {
  test('are sent exactly as the team wrote them, with every value from the release', async () => {
    const texts = announcements()
    expect(texts).toHaveLength(events.length)
    const inputs = new Map<string, string>()
    const templates = texts.map((text) => templated(text, inputs))
    expect(templates.filter((text) => /\d\d:\d\d|\d+%|v\d/.test(text))).toEqual([])
    const found = foundIn(texts.join('\n'))
    const messages = told(documentOf(templates, inputs, found), found, inputs)
    const sent = await sentAs(messages)
    for (const [at, text] of texts.entries()) {
      const bodies = sent.filter(({ id }) => id.startsWith(`m${at}/`)).map(({ body }) => Buffer.from(body))
      expect(bodies, events[at]).toContainEqual(Buffer.from(text))
    }
  })
})
