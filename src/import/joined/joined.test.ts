/** Proposals that several items make together. */
import { describe, expect, test } from 'vitest'
import { importDocument } from '../import.ts'
import { seen } from '../recognisers/cases.ts'
import { limitsIn } from './limits.ts'
import { policyOf, type Ruling } from './policy.ts'

const blocksOf = (text: string): readonly string[] =>
  importDocument(new TextEncoder().encode(text), { file: 'R.md' }).imported.items.flatMap(({ proposal }) =>
    proposal ? [proposal.block] : [],
  )

const startsOf = (text: string): readonly string[] => blocksOf(text).map((block) => block.split('\n')[0] ?? '')

describe('limits are read with their metric, operator, value and quantile', () => {
  test.for([
    ['Error rate < 1%', ['error-rate < 1% - ']],
    ['Latency acceptable: p95 <2s, p99 <5s', ['latency < 2s p95 ', 'latency < 5s p99 ']],
    ['Any alarm or error rate >2%', ['error-rate > 2% - ']],
    ['Error rate 3-6%', ['error-rate > 3% - ']],
    ['Latency increase > 25%', ['latency > 25% - relative']],
    ['Checkout success rate (>97%)', ['checkout-success-rate > 97% - ']],
    ['Availability below 99.5%', ['availability < 99.5% - ']],
    ['Connection pool <50%, queries as before', ['connections < 50% - ']],
  ] as const)('%s', ([words, limits]) => {
    const told = limitsIn(words).map(
      ({ metric, operator, value, unit, quantile, isRelative }) =>
        `${metric.name} ${operator} ${value}${unit} ${quantile ?? '-'} ${isRelative ? 'relative' : ''}`,
    )
    expect(told).toEqual(limits)
  })

  test.for([
    'Coverage > 80%',
    'Error rate for 5 minutes',
    'Latency < 5%',
    'Backup < 24 hours old',
    '2 engineers approve',
  ])('nothing in: %s', (words) => expect(limitsIn(words)).toEqual([]))

  test('how long it lasts', () => expect(limitsIn('Error rate above 5% for 2 minutes')[0]?.lasts).toBe('2m'))
})

describe('one policy of all limits', () => {
  const rulings = (...said: readonly (readonly [string, Ruling['zone'], number | null])[]): readonly Ruling[] =>
    said.flatMap(([words, zone, stage]) => limitsIn(words).map((limit) => ({ limit, zone, stage })))

  test('the loosest holds everywhere, what is stricter in its stage only', () => {
    const { metrics } = policyOf(
      rulings(
        ['error rate < 1%', 'go', 0],
        ['error rate > 2%', 'rollback', 0],
        ['error rate < 0.5%', 'go', 1],
        ['error rate > 1.5%', 'rollback', 1],
      ),
    )
    expect(metrics).toMatchObject([{ metric: { name: 'error-rate' }, go: ['< 1%'], rollback: ['> 2%'] }])
    expect(metrics[0]?.overrides.get(1)).toEqual({ go: ['< 0.5%'], rollback: ['> 1.5%'] })
  })

  test('where going on and turning back overlap, only turning back is kept', () => {
    expect(
      policyOf(rulings(['error rate < 3%', 'go', null], ['error rate > 2%', 'rollback', null])).metrics,
    ).toMatchObject([{ go: [], rollback: ['> 2%'] }])
  })

  test('a limit on the wrong side is none: neither "go above 2 % of errors" nor "roll back below 1 %"', () => {
    expect(policyOf(rulings(['error rate > 2%', 'go', null], ['error rate < 1%', 'rollback', null])).metrics).toEqual(
      [],
    )
  })

  test('a distance from before is a distance from stable', () => {
    expect(policyOf(rulings(['latency increase > 20%', 'rollback', null])).metrics).toMatchObject([
      { go: [], rollback: [], versusStable: ['p95 +20%'] },
    ])
  })
})

const sections = (more = ''): string =>
  `# Shop\n\n## Out\n\n### Stage 1: 10% canary (20 minutes)\n- [ ] Error rate < 1%\n${more}\n### Stage 2: 100%\n- [ ] Look\n`

describe('rollouts', () => {
  test('stand under the heading around their stages, and nowhere else', () => {
    expect(startsOf(sections())).toEqual(['```yaml rollout', '```yaml stage', '```yaml stage'])
    expect(seen(sections(), 3).proposal?.block).toContain('go: "< 1%"')
  })

  test('a rule that is no number has a person go on', () => {
    const rule = '\nGo/No-Go:\n- ROLLBACK: anything odd\n'
    expect(seen(sections(rule), 5).proposal?.block).toContain('promote: release-engineer')
    expect(seen(sections('\nGo/No-Go:\n- ROLLBACK: error rate > 4%\n'), 5).proposal?.block).not.toContain('promote')
  })

  test('the time to monitor in the last stage is its soak, for a stage holds no watch', () => {
    const text =
      '# R\n\n## Rollout\n\n### Canary: 10% of traffic\n\n- [ ] Look\n\n### All: 100% of traffic\n\n- [ ] Monitor for 30 minutes\n'
    expect(blocksOf(text)).toContain('```yaml stage\nweight: 100%\nsoak: 30m\npromote: release-engineer\n```')
    expect(startsOf(text)).not.toContain('```yaml watch')
  })

  test('stages that would be phases of their own, and a single one, are no rollout', () => {
    expect(startsOf('# Shop\n\n## Stage 1: 10% canary\n- [ ] a\n\n## Stage 2: 100% canary\n- [ ] b\n')).toEqual([])
    expect(startsOf('# Shop\n\n## Out\n\n### Stage 1: 10% canary\n- [ ] a\n')).toEqual([])
  })

  test('a list of stages is one block at the first of them, and the others point to it', () => {
    const text = '## Canary rollout\n\n- [ ] 10% for 1 hour\n- [ ] 50%, 2-3 hours\n- [ ] 100%\n'
    expect(blocksOf(text)).toHaveLength(1)
    expect(seen(text, 3).proposal?.block).toContain('  - { weight: 50%, soak: 3h, promote: release-engineer }')
    expect(seen(text, 4).why).toBe('It is a stage of the rollout proposed at line 3.')
  })

  test('a step that has a command of its own keeps it', () => {
    const text = '## Canary rollout\n\n- [ ] 10% of traffic: `./shift.sh 10`\n- [ ] 100% of traffic: `./shift.sh 100`\n'
    expect(startsOf(text).every((start) => start.startsWith('```sh run'))).toBe(true)
  })

  test('traffic that goes back in a rollback section is no stage', () => {
    expect(
      startsOf('## Out\n\n- [ ] Deploy the canary to 10%\n\n## Rollback\n\n- [ ] Move all traffic back\n').join(),
    ).not.toContain('rollout')
  })
})

describe('triggers, watches and phases', () => {
  test('numbers to turn back at are triggers under their heading, other rules stay words', () => {
    const text =
      '# S\n\n## When to roll back\n\n**Immediate rollback (P1)**\n- Error rate above 5% for 2 minutes\n- Data is lost\n'
    expect(seen(text, 3).proposal).toMatchObject({ risk: 'reads', needs: ['failed_requests', 'all_requests'] })
    expect(startsOf(text)).toEqual(['```promql trigger on=metrics above=5% for=2m severity=P1 action=rollback'])
  })

  test('a watch looks at the numbers below it, or else at one address', () => {
    expect(seen('- [ ] Monitor for 45 minutes\n  - [ ] CPU < 60%\n', 1).proposal?.block).toContain('go: "< 60%"')
    expect(seen('- [ ] Monitor for 45 minutes\n', 1).proposal).toMatchObject({ needs: ['health_url'] })
  })

  test('a wait waits, and what is waited for stays with a person', () => {
    expect(seen('- [ ] Wait for 30-40 minutes\n', 1).proposal?.block).toBe('```yaml wait\nfor: 40m\n```')
    expect(seen('- [ ] Wait for services to start (30-60 seconds)\n', 1).proposal).toBeNull()
  })

  test('a section with steps to go back is a rollback phase; preparing for it, and the title, are none', () => {
    const back = '\n- [ ] Put the old image back\n'
    expect(seen(`# S\n\n## Rollback\n${back}`, 3).proposal?.block).toBe('```yaml phase\nkind: rollback\n```')
    expect(seen(`# S\n\n## Rollback preparation\n${back}`, 3).proposal).toBeNull()
    expect(seen(`# Rollback\n${back}`, 1).proposal).toBeNull()
  })

  test('a sign-off table asks each role once, and not those that sign only at times', () => {
    const rows = '| Role | Signature |\n|---|---|\n| QA lead | |\n| Security (if applicable) | |\n'
    expect(seen(`## Sign-off\n\n${rows}`, 1).proposal?.block).toBe('```yaml approve\nroles: [qa-lead]\n```')
  })

  test('a table with rows to fill in is filled in row by row; what stands in it already is where it begins', () => {
    const open =
      '## Lessons learned\n\n| # | Lesson | Due date | Notes |\n|---|---|---|---|\n| 1 | | | |\n| 2 | | | |\n'
    expect(seen(open, 1).proposal?.block).toBe(
      '```yaml fields\nlessons-learned:\n  label: Lessons learned\n  rows:\n    columns:\n      lesson: text\n      due-date: date\n      notes: { type: text, required: false }\n```',
    )
    const half = '## Numbers\n\n| Metric | p95 latency |\n|---|---|\n| Checkout | ___ |\n| Search | |\n'
    expect(seen(half, 1).proposal?.block).toBe(
      '```yaml fields\nnumbers:\n  label: Numbers\n  rows:\n    least: 2\n    columns:\n      metric: text\n      p95-latency: duration\n    start:\n      - { metric: Checkout }\n      - { metric: Search }\n```',
    )
  })

  test('a register of issues with severities is a table of known issues, and a table that is only read stays one', () => {
    const issues = '## Known issues\n\n| Issue | Workaround | Severity |\n|---|---|---|\n| | | |\n'
    expect(seen(issues, 1).proposal?.block).toContain('```yaml known-issues\n')
    expect(seen('## Versions\n\n| Tool | Version |\n|---|---|\n| node | 24 |\n| | |\n', 1).proposal).toBeNull()
  })
})

describe('a step that names one limit is a query with it', () => {
  test.for([
    ['CPU usage < 60%', '```promql check on=metrics below=60%\nmax({__name__="{{ input.cpu_series }}"})\n```'],
    [
      'Error rate remains below 1% for 10 minutes',
      'below=1% for=10m\nsum(rate({__name__="{{ input.failed_requests }}"',
    ],
    ['API response time p99 < 200ms', 'below=200ms\nhistogram_quantile(0.99,'],
    ['Login success rate > 95%', 'above=95%\nmin({__name__="{{ input.login_success_rate_series }}"})'],
  ] as const)('%s', ([words, part]) => expect(blocksOf(`- [ ] ${words}\n`)[0]).toContain(part))

  test.for([
    'WebSocket latency < 100ms',
    'Error rate (>2% pages the lead)',
    'Latency p95 < 2s, p99 < 5s',
    'Error rate of the canary < 1%',
    'Memory usage stable',
    'Monitor memory usage (< 70%)',
  ])('not where it is of something else, the bad side, or one of several: %s', (words) =>
    expect(blocksOf(`- [ ] ${words}\n`)).toEqual([]),
  )
})
