import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { engine, person, ReleaseSpec, verdict } from '../../../test/support/release-spec.ts'
import { compile } from '../plan/compile.ts'
import type { Plan } from '../plan/plan.ts'
import { renderProblem } from '../plan/problem.ts'
import { testKinds } from '../plan/test-kinds.ts'
import type { MetricReading } from '../judge/verdict.ts'
import { gateOf } from './gate.ts'
import type { MessageState } from './state.ts'

const minute = 60_000
const ana = person('ana')
const dora = person('dora')

const document = (messages: string, steps = '- [ ] Support knows\n', front = ''): string => `---
holdpoint: 1
inputs: { impact: { type: boolean, default: false } }
sources: { prom: { kind: prometheus, url: "http://localhost:9090" } }
channels: { ops: { kind: webhook, url: https://chat.example/a }, status: { kind: webhook, url: https://chat.example/b } }
audiences: { team: [ops], users: { channels: [status], when: input.impact } }
roles: { lead: [dora] }
${front}---
# R

## Tell
${messages}
${steps}`

const notify = (head: string, body = 'It is so.'): string => `\`\`\`md notify ${head}\n${body}\n\`\`\`\n`

function planOf(text: string): Plan {
  const bytes = new TextEncoder().encode(text)
  const { plan, problems } = compile({ file: 'release.md', bytes, shared: null }, testKinds)
  expect(problems.filter(({ severity }) => severity === 'error').map(renderProblem)).toEqual([])
  return plan!
}

const begin = (text: string, inputs: Record<string, boolean> = {}): ReleaseSpec =>
  new ReleaseSpec().start(planOf(text), { inputs: { impact: false, ...inputs } })

const messagesOf = (spec: ReleaseSpec, channel?: string): readonly MessageState[] =>
  [...spec.current.messages.values()].filter(
    (each) => each.channel !== 'console' && (channel === undefined || each.channel === channel),
  )

const answer = {
  kind: 'Answer',
  step: 'tell/support-knows',
  answer: 'passed',
  note: null,
  fields: {},
  evidence: [],
} as const

function fail(spec: ReleaseSpec, id: string): ReleaseSpec {
  return spec.do({ kind: 'ReportDelivery', message: id, ok: false, final: true, say: '410 Gone' })
}

test('a message that is being tried again can be dropped with a reason, and one that was not tried yet is on its way', () => {
  const spec = begin(document(notify('on=release.started to=ops')))
  const { id: message } = messagesOf(spec)[0]!
  const drop = { kind: 'DropMessage', message, why: 'it is known by now' } as const
  spec.refused(drop, dora, 'already-sent')
  spec.do({ kind: 'ReportDelivery', message, ok: false, final: false, say: '503' })
  spec.refused({ ...drop, why: '' }, dora, 'reason-required')
  spec.do(drop, dora)
  expect(messagesOf(spec)[0]).toMatchObject({ status: 'dropped', settledBy: 'dora', say: 'it is known by now' })
  expect(spec.due().filter(({ kind }) => kind === 'SendMessage')).toEqual([])
  // A try that was under way: what did not arrive changes nothing, what did is told.
  spec.refused({ kind: 'ReportDelivery', message, ok: false, final: false, say: '503' }, engine, 'not-due')
  spec.do({ kind: 'ReportDelivery', message, ok: true, final: true, say: '200' })
  expect(messagesOf(spec)[0]).toMatchObject({ status: 'delivered', settledBy: 'dora' })
})

test('who looks at a message before it goes decides about it, too, when it did not arrive', () => {
  const spec = begin(document(notify('on=release.started to=ops preview=lead')))
  const { id: message } = messagesOf(spec)[0]!
  spec.do({ kind: 'SendMessage', message, role: 'lead' }, dora)
  fail(spec, message)
  spec.refused({ kind: 'EditMessage', message, subject: 'x', body: 'y' }, ana, 'not-in-role')
  spec.refused({ kind: 'DropMessage', message, why: 'no need' }, ana, 'not-in-role')
  spec.do({ kind: 'DropMessage', message, why: 'no need' }, dora)
})

test('a draft waits for a role of the server where the document declares none', () => {
  const written = document(notify('on=release.started to=ops preview=lead')).replace('roles: { lead: [dora] }\n', '')
  const spec = begin(written)
  expect(messagesOf(spec)[0]?.draft).toEqual({ role: 'lead', why: 'preview' })
  const message = messagesOf(spec)[0]?.id ?? ''
  const proven = { ...ana, assurance: 'proven' as const, roles: ['engineer'] }
  spec.refused({ kind: 'SendMessage', message, role: null }, proven, 'not-in-role')
  spec.do({ kind: 'SendMessage', message, role: null }, { ...proven, roles: ['lead'] })
})

describe('audiences', () => {
  const text = document(notify('on=release.started to=team,users'))

  test('a message reaches the channels of an audience only where its condition holds', () => {
    expect(messagesOf(begin(text)).map(({ channel }) => channel)).toEqual(['ops'])
    expect(messagesOf(begin(text, { impact: true })).map(({ channel, audience }) => [channel, audience])).toEqual([
      ['ops', 'team'],
      ['status', 'users'],
    ])
  })

  test('a channel that two audiences share gets a message once', () => {
    const shared = document(notify('on=release.started to=team,ops,users'))
    expect(messagesOf(begin(shared), 'ops')).toHaveLength(1)
  })
})

test('a message about the opening of one phase tells of no other', () => {
  const text = document(
    `${notify('on=phase.opened to=ops phase="Ship"')}${notify('on=phase.opened to=status')}`,
    '- [ ] Support knows\n\n## Ship\n- [ ] It is shipped\n',
  )
  const spec = begin(text)
  expect([messagesOf(spec, 'ops').length, messagesOf(spec, 'status').length]).toEqual([0, 1])
  spec.do(answer, ana)
  expect([messagesOf(spec, 'ops').length, messagesOf(spec, 'status').length]).toEqual([1, 2])
})

describe('a draft', () => {
  const text = document(notify('on=release.started to=ops preview=lead', 'Version {{ version }}.'))
  const draft = (spec: ReleaseSpec): MessageState => messagesOf(spec)[0]!

  test('is not sent before a person lets it go, and holds nothing that does not need it', () => {
    const spec = begin(text)
    expect(draft(spec)).toMatchObject({ status: 'draft', body: 'Version 2.0.' })
    expect(spec.due().filter(({ kind }) => kind === 'SendMessage')).toEqual([])
    spec.do(answer, ana)
    expect(spec.current.phase).not.toBe('running')
    spec.do({ kind: 'SendMessage', message: draft(spec).id, role: 'lead' }, dora)
    expect(spec.due()).toMatchObject([{ kind: 'SendMessage', body: 'Version 2.0.' }])
  })

  test('is changed by a person of its role, and the log says who wrote what', () => {
    const spec = begin(text)
    const { id: message } = draft(spec)
    const edit = { kind: 'EditMessage', message, subject: 'News', body: 'Two is out.' } as const
    spec.refused({ ...edit, body: '{{ version }} is out.' }, dora, 'bad-answer')
    spec.refused(edit, ana, 'not-in-role')
    spec.do(edit, dora).do({ kind: 'SendMessage', message, role: null }, dora)
    expect(draft(spec)).toMatchObject({
      status: 'queued',
      subject: 'News',
      body: 'Two is out.',
      edited: { by: 'dora' },
    })
    expect(spec.log.filter(({ kind }) => kind.startsWith('Message'))).toMatchObject([
      { kind: 'MessageQueued', body: 'Version 2.0.' },
      { kind: 'MessageEdited', by: 'dora', body: 'Two is out.' },
      { kind: 'MessageLetGo', by: 'dora' },
    ])
    spec.refused(edit, dora, 'already-sent')
  })

  test('is dropped only with a reason, and never by a machine', () => {
    const spec = begin(text)
    const { id: message } = draft(spec)
    spec.refused({ kind: 'DropMessage', message, why: ' ' }, dora, 'reason-required')
    spec.refused({ kind: 'SendMessage', message, role: null }, { ...engine, kind: 'machine' }, 'not-in-role')
    spec.refused({ kind: 'SendMessage', message: 'none', role: null }, dora, 'unknown-message')
    spec.do({ kind: 'DropMessage', message, why: 'nobody is affected' }, dora)
    expect(draft(spec)).toMatchObject({ status: 'dropped', settledBy: 'dora' })
  })
})

describe('a required message', () => {
  const text = document(
    notify('on=release.started to=ops required'),
    '- [ ] Deploy\n  ```sh run irreversible="a test"\n  ./deploy\n  ```\n',
  )
  const failed = (): ReleaseSpec => {
    const spec = begin(text)
    return fail(spec, messagesOf(spec)[0]!.id)
  }

  test('keeps everything that goes forward back until it was delivered', () => {
    const spec = begin(text)
    expect(spec.owes()).toEqual([])
    spec.do({ kind: 'ReportDelivery', message: messagesOf(spec)[0]!.id, ok: true, final: true, say: '200' })
    expect(spec.owes()).toHaveLength(1)
  })

  test('that failed for good holds the release and keeps its gate shut', () => {
    const spec = failed().pass(600 * minute)
    expect(spec.owes()).toEqual([])
    expect(gateOf(spec.current, { kind: 'release' })).toMatchObject({ status: 'waiting' })
  })

  test.each([
    ['is tried again from the beginning', { kind: 'SendMessage', role: null }, 'queued'],
    ['was told another way', { kind: 'ConfirmMessage', note: 'called them', evidence: [] }, 'by-hand'],
    ['is waived in a role', { kind: 'WaiveMessage', role: 'lead', reason: 'page is down' }, 'waived'],
  ] as const)('goes on when it %s', (_how, command, status) => {
    const spec = failed()
    const { id } = messagesOf(spec)[0]!
    spec.do({ ...command, message: id }, dora)
    expect(messagesOf(spec)[0]).toMatchObject({ status })
    if (status === 'queued') {
      for (let tries = 1; tries < 8; tries += 1)
        spec.do({ kind: 'ReportDelivery', message: id, ok: false, final: false, say: 'busy' })
      expect(messagesOf(spec)[0]).toMatchObject({ status: 'queued' })
      spec.do({ kind: 'ReportDelivery', message: id, ok: true, final: true, say: '200' })
    }
    expect(spec.owes()).toHaveLength(1)
  })

  test('is neither dropped nor waived without its role', () => {
    const spec = failed()
    const { id: message } = messagesOf(spec)[0]!
    spec.refused({ kind: 'DropMessage', message, why: 'no need' }, dora, 'not-waivable')
    spec.refused({ kind: 'WaiveMessage', message, role: 'lead', reason: 'no need' }, ana, 'not-in-role')
    spec.refused({ kind: 'WaiveMessage', message, role: 'lead', reason: '' }, dora, 'reason-required')
    spec.refused({ kind: 'ConfirmMessage', message, note: '', evidence: [] }, dora, 'reason-required')
  })

  test('that is being tried again can be given up in a role, and is dropped by nobody', () => {
    const spec = begin(document(notify('on=release.started to=ops required')))
    const { id: message } = messagesOf(spec)[0]!
    spec.do({ kind: 'ReportDelivery', message, ok: false, final: false, say: '503' })
    spec.refused({ kind: 'DropMessage', message, why: 'no need' }, dora, 'not-waivable')
    spec.do({ kind: 'WaiveMessage', message, role: 'lead', reason: 'the page is down' }, dora)
    expect(messagesOf(spec)[0]).toMatchObject({ status: 'waived' })
  })

  test('never holds up the way back', () => {
    const spec = failed().do({ kind: 'Abort', why: 'no', leave: false, typed: null }, dora)
    expect(spec.current.phase).toBe('rolled-back')
  })

  test('with a value that nobody knows waits for a person, another one says so and goes', () => {
    const both = document(
      `${notify('on=release.started to=ops required', 'Over at {{ ended_at }}.')}${notify('on=release.started to=status', 'Over at {{ ended_at }}.')}`,
    )
    expect(messagesOf(begin(both))).toMatchObject([
      { status: 'draft', draft: { why: 'missing' }, missing: ['ended_at'], body: 'Over at not known.' },
      { status: 'queued', missing: ['ended_at'] },
    ])
  })

  test('of another kind that fails is shown and holds nothing', () => {
    const spec = begin(document(notify('on=release.started to=ops')))
    fail(spec, messagesOf(spec)[0]!.id).do(answer, ana)
    expect(spec.current.phase).not.toBe('running')
    expect(messagesOf(spec)[0]).toMatchObject({ status: 'failed', say: '410 Gone' })
  })
})

const rollout = `
## Rollout
\`\`\`yaml rollout
components: { api: { traffic: command, set: "true", read: "true", restore: "true" } }
stages: [{ weight: 25%, soak: 1h }, { weight: 50%, soak: 1h, promote: lead }, { weight: 100%, soak: 5m }]
judge: { every: 1m, policy: threshold, metrics: { errors: { kind: ratio, bad: b, total: t, go: "< 1%" } } }
\`\`\`
`
const update = document(
  '- [ ] Nothing\n  ```sh check\n  true\n  ```\n',
  `${rollout}${notify('on=rollout.started to=ops every=30m', '{{ percent }} {{ health }} {{ metric.errors }}{{#if next_stage}}, {{ next_percent }} in {{ next_stage_in | words }}{{/if}}')}`,
)
const reading: MetricReading = {
  metric: 'errors',
  quantile: null,
  unit: 'ratio',
  canary: 0.003,
  stable: 0.002,
  samples: 100,
  zone: 'go',
  why: 'healthy',
  limits: { go: '< 1%', rollback: null, versusStable: null },
  say: 'fine',
}

function soaking(): ReleaseSpec {
  const spec = begin(update).attempt('tell/nothing', 'check', 'passed')
  return spec.shift('rollout', 'api')
}
const healthy = (at: number) => ({ ...verdict('go', 'healthy', at), metrics: [reading] })

describe('an update every half hour', () => {
  test('comes by itself while a stage soaks, with the live number, the next stage and how long until it', () => {
    const spec = soaking()
    spec.pass(30 * minute - 2).measure('rollout', 0, 30 * minute, healthy(spec.now))
    spec.pass(minute)
    expect(messagesOf(spec).map(({ body }) => body)).toEqual([
      '25% Not judged yet not known, 50% in 1 hour',
      '25% Healthy 0.3%, 50% in 30 minutes',
    ])
  })

  test('comes also while the release waits for a person, and ends when it goes back', () => {
    const spec = soaking()
      .measure('rollout', 0, 60 * minute, healthy(1))
      .tick()
    spec.shift('rollout', 'api').measure('rollout', 1, 60 * minute, healthy(1))
    const before = messagesOf(spec).length
    spec.pass(60 * minute)
    expect(messagesOf(spec).length - before).toBe(2)
    spec.do({ kind: 'Rollback', why: 'slow' }, dora)
    const ended = messagesOf(spec).length
    spec.pass(120 * minute)
    expect(messagesOf(spec)).toHaveLength(ended)
  })

  test('comes once after a pause of the engine, and then in its own time', () => {
    const spec = soaking()
    spec.now += 200 * minute
    spec.tick().tick()
    expect(messagesOf(spec)).toHaveLength(2)
    spec.pass(29 * minute)
    expect(messagesOf(spec)).toHaveLength(2)
    spec.pass(minute)
    expect(messagesOf(spec)).toHaveLength(3)
  })
})

test('a message names who is on call at that hour', () => {
  const text = document(
    notify('on=release.started to=ops', 'Ask {{ on_call }}.'),
    '- [ ] Support knows\n',
    'roster: { zone: UTC, primary: [{ person: bo, until: 1970-01-01T00:10Z }], secondary: [cy] }\n',
  )
  expect(messagesOf(begin(text))[0]?.body).toBe('Ask cy.')
})

describe('notices of a rollback', () => {
  test('say why, which version comes back, and how long it may take', () => {
    const text = document(
      notify('on=rollback.started to=team', '{{ reason }} → {{ previous }} within {{ rollback_eta | words }}'),
      '- [ ] Support knows\n',
      'rollback-within: 10m\n',
    )
    const spec = begin(text).do({ kind: 'Rollback', why: 'errors above 5 %' }, dora)
    expect(messagesOf(spec)[0]?.body).toBe('errors above 5 % → 1.0 within 10 minutes')
  })
})

describe('a storm', () => {
  const text = document(
    `${notify('on=step.failed to=ops', '{{ news }}')}${notify('on=rollback.started to=ops')}`,
    Array.from({ length: 30 }, (_, at) => `- [ ] Check ${at}\n  \`\`\`sh check\n  true\n  \`\`\`\n`).join(''),
  )
  const stormy = (): ReleaseSpec => {
    const spec = begin(text)
    for (let at = 0; at < 30; at += 1) spec.attempt(`tell/check-${at}`, 'check', 'failed', { say: `reason ${at}` })
    return spec
  }

  test('of more than ten messages a minute to one channel becomes one digest that counts and lists them', () => {
    const spec = stormy()
    expect(messagesOf(spec).filter(({ status }) => status === 'queued')).toHaveLength(10)
    spec.pass(minute)
    const [digest] = messagesOf(spec).filter(({ notify: by }) => by === 'digest')
    expect(digest?.subject).toBe('20 messages about r 2.0')
    expect(digest?.body).toContain('20 × step.failed')
    expect(digest?.body).toContain('reason 29')
    expect(messagesOf(spec).filter(({ status }) => status === 'digested')).toHaveLength(20)
    spec.pass(10 * minute)
    expect(messagesOf(spec).filter(({ notify: by }) => by === 'digest')).toHaveLength(1)
  })

  test('begins where the checklist says, and its digest comes after the time that it names', () => {
    const own = text.replace('holdpoint: 1\n', 'holdpoint: 1\ndigest: { more-than: 3, within: 5m }\n')
    const spec = begin(own)
    for (let at = 0; at < 8; at += 1) spec.pass(minute / 2).attempt(`tell/check-${at}`, 'check', 'failed')
    expect(messagesOf(spec).filter(({ status }) => status === 'queued')).toHaveLength(3)
    spec.pass(2 * minute)
    expect(messagesOf(spec).filter(({ notify: by }) => by === 'digest')).toEqual([])
    spec.pass(minute)
    expect(messagesOf(spec).find(({ notify: by }) => by === 'digest')?.subject).toBe('5 messages about r 2.0')
  })

  test('puts off no notice of a rollback, and leaves nothing unsaid when the release ends', () => {
    const spec = stormy().do({ kind: 'Rollback', why: 'enough' }, dora)
    expect(spec.current.phase).toBe('rolled-back')
    expect(messagesOf(spec).find(({ on }) => on === 'rollback.started')).toMatchObject({ status: 'queued' })
    expect(messagesOf(spec).filter(({ status }) => status === 'gathered')).toEqual([])
  })

  test('loses nothing and says nothing twice, whenever its messages come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 30, maxLength: 30 }), (pauses) => {
        const spec = begin(text)
        pauses.forEach((pause, at) => {
          spec.pass(pause).attempt(`tell/check-${at}`, 'check', 'failed', { say: `reason ${at}` })
        })
        spec.do({ kind: 'Rollback', why: 'enough' }, dora)
        const all = messagesOf(spec)
        const digests = spec.log.flatMap((event) => (event.kind === 'MessageQueued' ? (event.covers ?? []) : []))
        const digested = all.filter(({ status }) => status === 'digested').map(({ id }) => id)
        expect(digests.toSorted()).toEqual(digested.toSorted())
        expect(all.filter(({ status }) => status !== 'digested' && status !== 'queued')).toEqual([])
        for (const { queuedAt: end } of all) {
          const minuteBefore = all.filter(
            ({ queuedAt, status, on }) =>
              queuedAt > end - minute && queuedAt <= end && status === 'queued' && on === 'step.failed',
          )
          expect(minuteBefore.length).toBeLessThanOrEqual(10)
        }
      }),
      { numRuns: 25, seed: 11 },
    )
  })
})

describe('who is on call, where a service keeps the roster', () => {
  const front = `secrets: { PAGER: env }
roster: { kind: pagerduty, escalation-policy: PPOLICY, token: "{{ secret.PAGER }}" }
`
  const asking = (head: string) =>
    begin(document(notify(head, 'Version {{ version }}: ask {{ on_call }}.'), undefined, front))
  const fill = (spec: ReleaseSpec, people: readonly string[] | null): MessageState => {
    spec.do({ kind: 'FillOnCall', message: messagesOf(spec)[0]!.id, people })
    return messagesOf(spec)[0]!
  }

  test('is asked when the message is sent, and nothing else in its text changes', () => {
    const spec = asking('on=release.started to=ops')
    expect(messagesOf(spec)[0]).toMatchObject({ status: 'queued', missing: [], asksOnCall: true })
    expect(fill(spec, ['ana', 'bo'])).toMatchObject({ status: 'queued', body: 'Version 2.0: ask ana, bo.' })
    spec.refused({ kind: 'FillOnCall', message: messagesOf(spec)[0]!.id, people: ['cy'] }, engine, 'not-due')
  })

  test('reads "not known" where it cannot be read', () => {
    expect(fill(asking('on=release.started to=ops'), null)).toMatchObject({
      status: 'queued',
      body: 'Version 2.0: ask not known.',
      missing: ['on_call'],
    })
  })

  test('keeps a required message for a person, and is asked anew when they let it go', () => {
    const spec = asking('on=release.started to=ops required preview=lead')
    const { id: message } = messagesOf(spec)[0]!
    spec.do({ kind: 'SendMessage', message, role: 'lead' }, dora)
    expect(fill(spec, null)).toMatchObject({ status: 'draft', draft: { why: 'missing' }, missing: ['on_call'] })
    spec.refused({ kind: 'SendMessage', message, role: null }, ana, 'not-in-role')
    spec.do({ kind: 'SendMessage', message, role: 'lead' }, dora)
    expect(fill(spec, ['ana'])).toMatchObject({ status: 'queued', body: 'Version 2.0: ask ana.', missing: [] })
  })
})
