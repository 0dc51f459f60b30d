/** What a reader of the report must find in it, and what must not come alive there. */
import MarkdownIt from 'markdown-it'
import { describe, expect, test } from 'vitest'
import { fold } from '../core/release/evolve.ts'
import { exceptionsOf } from './exceptions.ts'
import { reportJson } from './json.ts'
import { reportMarkdown } from './markdown.ts'
import type { ReleaseRecord } from './record.ts'
import { evidence, hostile, toldRelease } from './test-support/told-release.ts'
import { timelineOf } from './timeline.ts'

const { events, plan } = toldRelease()
const state = fold(events)!
const options = { now: events.at(-1)!.at + 60_000 }
const report = reportMarkdown(state, events, options)
const calm = toldRelease('')
const calmReport = reportMarkdown(fold(calm.events)!, calm.events, options)

describe('the report', () => {
  test('opens with the decision and its reason', () => {
    expect(calmReport.split('\n').slice(0, 3)).toEqual([
      '# checkout v2 to production: rolled back',
      '',
      '**Rolled back in 3.0s: errors 3.1 % > 2 %**',
    ])
  })

  test('names the facts', () => {
    for (const fact of [
      '| Service | checkout |',
      '| Version | v2 |',
      '| Before it | v1 |',
      '| Environment | production |',
      `| Plan digest | \`${calm.plan.digest}\` |`,
      '| Started by | ana (person, claimed) |',
      '| Took | 25s |',
    ])
      expect(calmReport).toContain(fact)
  })

  test('says how much was proven and how much was promised', () => {
    expect(calmReport).toContain(
      'Of 4 steps: 1 proven by a machine, 1 promised by a person, 1 waived, 0 not applicable, 1 not done.',
    )
  })

  test('shows each step with outcome, person, time, attempts and evidence', () => {
    expect(calmReport).toContain('- All tests pass\n  <br>✔ **passed** · engine 2026-11-21 14:00 UTC')
    expect(calmReport).toContain('action `r1/tests/1` at 14:00:01 UTC, took 1s: failed · exit 1')
    expect(calmReport).toContain(`stdout \`${evidence.sha256}\` (7 bytes)`)
    expect(calmReport).toMatch(/~ \*\*waived\*\* · ana .*waived by ana \(engineer\) until 2026-11-22: no time/)
  })

  test('puts the result into the margin of the checklist itself', () => {
    expect(calmReport).toMatch(/^passed +│ - \[ \] All tests pass$/m)
    expect(calmReport).toMatch(/^waived +│ - \[ \] Somebody looked at the dashboards$/m)
    expect(calmReport).toMatch(/^ +│ ## Rollback$/m)
  })

  test('says of a release that was stopped what was not finished and what was never reached', () => {
    const left = { ...calm.events[4]!, event: { kind: 'ReleaseLeft', by: 'ana', why: 'a fire' } } as const
    const stopped = [...calm.events.slice(0, 4), left]
    const text = reportMarkdown(fold(stopped)!, stopped, options)
    expect(text).toMatch(/^not finished +│ - \[ \] All tests pass$/m)
    expect(text).toMatch(/^not reached +│ - \[ \] Move traffic$/m)
    expect(text).toContain('ana stopped the release and left everything as it was: a fire')
  })

  test('lists what is left to do as it stands, done or not, in Markdown and in JSON', () => {
    const base = { kind: 'rollback', severity: 'high', service: 'checkout', environment: null, release: 'r1' } as const
    const task = { ...base, owner: 'ana', due: options.now, link: null, note: '', by: 'engine', at: options.now }
    const followUps = [
      { ...task, id: 'one', title: 'Retrospective of v2', closed: null },
      { ...task, id: 'two', title: 'Lessons', closed: { by: 'bo', at: options.now, note: 'written down' } },
    ]
    const text = reportMarkdown(fold(calm.events)!, calm.events, { ...options, followUps })
    expect(text).toMatch(/^## Follow-ups\n\n- Retrospective of v2 \(for ana, due [^;]+, high; from engine\)$/m)
    expect(text).toMatch(/^- Lessons \(.*\): done by bo, written down$/m)
    const told = JSON.parse(reportJson(fold(calm.events)!, calm.events, { ...options, followUps })) as ReleaseRecord
    expect(told.followUps).toEqual(followUps)
  })

  test('shows every stage with weight, soak and each number beside its limits', () => {
    expect(calmReport).toMatch(/\| 1 \| 5 % \| 2026-11-21 14:00 UTC \| 1s of 2s \|.*rollback: errors 3.1 % > 2 %/)
    expect(calmReport).toMatch(/\| 2 \| 100 % \| never \|/)
    expect(calmReport).toMatch(
      /\| errors \| 3.1 % \| 0.4 % \| \\< 1% \| \\> 2% \| {2,}\| 900 \| rollback \(breach\) \|/,
    )
  })

  test('marks a number that was judged and decided nothing', () => {
    const told = calm.events.map((one) => {
      const { event } = one
      if (event.kind !== 'VerdictReached') return one
      const metrics = event.verdict.metrics.map((metric) => ({ ...metric, dryRun: true }))
      return { ...one, event: { ...event, verdict: { ...event.verdict, metrics } } }
    })
    const text = reportMarkdown(fold(told)!, told, options)
    expect(text).toMatch(/\| errors \| 3.1 % .*\| dry run: rollback \(breach\) \|/)
  })

  test('shows of a compared metric the ratio, its limits and the evidence for either way', () => {
    const compared = {
      ratio: { slowerThan: 0.25, value: 2.2, low: 1.4, high: 3.6, rollback: 1.25, go: 1.5 },
      evidence: {
        rollback: 120,
        rollbackNeeded: 100,
        isBeyondLimit: false,
        go: 3,
        goNeeded: 20,
        dispersion: 1.8,
        moreMs: null,
        moreRequests: null,
      },
    }
    const told = calm.events.map((one) => {
      const { event } = one
      if (event.kind !== 'VerdictReached') return one
      const metrics = event.verdict.metrics.map((metric) => ({ ...metric, ...compared }))
      return { ...one, event: { ...event, verdict: { ...event.verdict, metrics } } }
    })
    const text = reportMarkdown(fold(told)!, told, options)
    expect(text).toContain(
      '| 2.2 × (1.4 to 3.6); requests slower than 250 ms; rollback 1.25 ×, go 1.5 × | worse than stable, not shown to be beyond its limit, 3 of 20 needed to go on; dispersion 1.8 |',
    )
    expect(calmReport).not.toContain('Canary / stable')
  })

  test('lists signatures with what they covered and which of them are void', () => {
    expect(calmReport).toMatch(
      /\| bo \| engineer \| claimed \| “Two engineers approve” \| `d{64}` \| void: a result changed \|/,
    )
    expect(calmReport).toMatch(/\| bo \| engineer \| signed \| .* \| `e{64}` \|/)
  })

  test('lists waivers, deviations and messages that were not sent', () => {
    expect(calmReport).toMatch(
      /## Waivers and overrides\n\n- 2026-11-21 14:00 UTC, ana: ana \(engineer\) waived .* \(until 2026-11-22 14:00 UTC\)/,
    )
    expect(calmReport).toMatch(/## Deviations\n\n- .*working tree had changes/)
    expect(calmReport).toContain('**not sent** after 5 tries: 410 Gone')
  })

  test('tells the rollback with its cause and time', () => {
    expect(calmReport).toMatch(
      /## Rollback\n(.*\n)*\| Cause \| verdict \|\n(.*\n)*\| Took \| 3s \|\n\| Traffic back on stable \| 1 of 1 component \|/,
    )
  })

  test('ends with the head of the chain', () => {
    expect(report).toContain(`head \`${events.at(-1)!.hash}\``)
  })

  test('nothing hostile comes alive: no HTML, no link, no image, no control character', () => {
    const tokens = new MarkdownIt({ html: true, linkify: true }).parse(report, {})
    const flat = tokens.flatMap((token) => [token, ...(token.children ?? [])])
    const html = flat.filter(({ type, content }) => type.startsWith('html') && content !== '<br>')
    expect(html.map(({ content }) => content)).toEqual([])
    expect(flat.filter(({ type }) => type === 'link_open' || type === 'image')).toEqual([])
    // oxlint-disable-next-line no-control-regex -- these are the characters that must not be there
    expect(report).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    const rows = tokens.filter(({ type }) => type === 'td_open').length
    const calmRows = new MarkdownIt({ html: true })
      .parse(calmReport, {})
      .filter(({ type }) => type === 'td_open').length
    expect(rows).toBe(calmRows)
  })

  test('the same release gives the same bytes', () => {
    expect(reportMarkdown(fold(events)!, events, options)).toBe(report)
  })

  test('a release that has just begun has a report too', () => {
    const early = reportMarkdown(fold(events.slice(0, 1))!, events.slice(0, 1), options)
    expect(early).toContain('running')
    expect(early).toContain('1 event,')
  })
})

test('the JSON report is one document with the same content', () => {
  const record = JSON.parse(reportJson(state, events, options)) as ReleaseRecord
  expect(record).toMatchObject({ kind: 'holdpoint-release-report', format: 1, head: { version: events.length } })
  expect(record.steps['tests']!.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'passed'])
  expect(record.view.decision).toMatchObject({ word: 'rolled back', good: false })
  expect(record.approvals.map(({ voided }) => voided)).toEqual(['a result changed', null])
})

test('every event but bookkeeping is a line of the timeline', () => {
  const told = timelineOf(events)
  expect(told).toHaveLength(events.filter(({ event }) => event.kind !== 'MeasurementsRecorded').length)
  expect(told.every(({ say }) => say.length > 3)).toBe(true)
  expect(told[0]!.say).toBe('Started checkout v2 for production.')
})

test('what was learned of the time before a rollout, or why nothing was, is a line of the timeline', () => {
  const measured = events.find(({ event }) => event.kind === 'MeasurementsRecorded')!
  const history = 'no history of errors: stable has one pod only (api-1)'
  const told = { ...measured, event: { ...measured.event, history } } as typeof measured
  const [line] = timelineOf([events[0]!, told]).slice(1)
  expect(line?.say).toBe(`Before the rollout: ${history}.`)
})

test('a promotion against the verdict is an override; one that the plan asks for is not', () => {
  const [started] = events
  const promoted = {
    version: 2,
    at: 1,
    by: started!.by,
    event: { kind: 'Promoted', rollout: 'move', stage: 0, by: 'ana', role: null, reason: 'we know' },
  } as const
  expect(exceptionsOf([started!, promoted]).overrides.map(({ say }) => say)).toEqual([
    'ana promoted stage 1 (5 %): we know (the verdict was not there yet)',
  ])
  const asks = {
    ...plan,
    steps: plan.steps.map((step) =>
      step.block.word === 'rollout'
        ? {
            ...step,
            block: { ...step.block, stages: step.block.stages.map((stage) => ({ ...stage, promote: 'engineer' })) },
          }
        : step,
    ),
  }
  const go = events.find(({ event }) => event.kind === 'VerdictReached')!
  const verdict = {
    ...go,
    event: { ...go.event, verdict: { ...(go.event as { verdict: object }).verdict, zone: 'go' } },
  } as typeof go
  const planned = { ...started!, event: { ...started!.event, plan: asks } } as typeof go
  expect(exceptionsOf([planned, verdict, promoted]).overrides).toEqual([])
  expect(hostile).toContain('<script>')
})

test('a verdict that holds is told with that word once', () => {
  const told = timelineOf(calm.events).map(({ say }) => say)
  expect(told.filter((say) => say.startsWith('Verdict hold ')).length).toBeGreaterThan(0)
  expect(told.filter((say) => say.includes('): hold: '))).toEqual([])
})
