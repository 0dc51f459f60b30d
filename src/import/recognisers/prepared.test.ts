/** Baselines, readiness, hand-overs and what recurs: proposed where the words say so, and compiled. */
import { describe, expect, test } from 'vitest'
import { kinds } from '../../app/app.ts'
import { compile } from '../../core/plan/compile.ts'
import { writeCopy } from '../copy.ts'
import { importDocument } from '../import.ts'
import { seen, task } from './cases.ts'

describe('a block is proposed for', () => {
  test.for([
    ['Record the current error rate and p95 latency as baseline', 'baseline', /error-rate: [^]*latency: /],
    ['Known issues documented', 'known-issues', /./],
    ['On-call handoff includes release notes and the way back', 'handover', /to: on-call/],
    ['Handed over to the on-call engineer', 'handover', /to: on-call/],
    ['Quarterly failover drill completed', 'record', /max-age: 1 quarter/],
    ['Secrets rotated every month', 'record', /max-age: 1 month/],
  ] as const)('%s', ([words, word, text]) => {
    const { proposal } = task(words)
    expect(proposal?.block).toContain(`\`\`\`yaml ${word}`)
    expect(proposal?.block).toMatch(text)
  })

  test('a yes that follows from other steps, below a heading about readiness', () => {
    const text = '# R\n\n## Tests\n\n- [ ] Unit tests pass\n\n## Readiness\n\n- [ ] All tests passing\n'
    expect(seen(text, 9).proposal?.block).toBe('```yaml readiness\nof: tests\n```')
  })

  test('values below the item that asks for a baseline', () => {
    const text = '# R\n\n- [ ] Capture the baseline metrics:\n  - [ ] Error rate: ___\n  - [ ] Memory: ___\n'
    expect(seen(text, 3).proposal?.block).toMatch(/error-rate: .*\n {2}memory: /)
  })
})

describe('nothing is proposed where it could not be decided', () => {
  test.for([
    'Baseline captured',
    'Known issues page is linked',
    'On-call schedule confirmed',
    'Weekly report is scheduled',
    'Plan the next quarterly drill',
    'Restore the backup into a separate database',
    'All tests passing',
  ])('%s', (words) => expect(task(words).proposal).toBeNull())

  test('nobody has said what all tests are', () => {
    expect(seen('# R\n\n## Readiness\n\n- [ ] All tests passing\n', 5).proposal).toBeNull()
  })

  test('what restored data has to hold', () => {
    const item = task('Restore the newest PostgreSQL dump into a scratch database and verify it')
    expect(item.proposal).toBeNull()
    expect(item.why).toContain('`restore-drill`')
  })

  test('two people who have to be there hold a whole phase, which a person has to name', () => {
    const item = task('Two engineers are present during the rollout')
    expect(item.proposal).toBeNull()
    expect(item.why).toContain('`present: 2`')
  })
})

test('what is proposed compiles, with its questions as inputs', () => {
  const words = [
    'Record the current error rate, latency and CPU usage as baseline',
    'Known issues documented',
    'Handed over to on-call',
    'Quarterly failover drill completed',
  ]
  const text = `# R\n\n## Before\n\n${words.map((each) => `- [ ] ${each}\n`).join('')}\n## Readiness\n\n- [ ] All items completed\n`
  const source = importDocument(new TextEncoder().encode(text), { file: 'R.md' })
  const accepted = source.imported.items.flatMap(({ proposal }, at) =>
    proposal ? [{ at, block: proposal.block }] : [],
  )
  expect(accepted).toHaveLength(5)
  const copy = writeCopy(source, accepted, { file: 'R.md', shared: null, kinds: kinds(), skipped: [] })
  expect([copy.problems, copy.leftOut]).toEqual([[], []])
  const bytes = new TextEncoder().encode(copy.text ?? '')
  const { plan, problems } = compile({ file: 'R.md', bytes, shared: null }, kinds())
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(plan?.steps.map(({ block }) => block.word)).toEqual([
    'fields',
    'known-issues',
    'handover',
    'record',
    'readiness',
  ])
  expect(Object.keys(plan?.inputs ?? {})).toContain('failed_requests')
})
