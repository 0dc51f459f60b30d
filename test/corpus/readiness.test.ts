/** A team's document asks five times whether it is ready: imported, those answers are derived, and none waits for itself. */
import { expect, test } from 'vitest'
import { compile } from '../../src/core/plan/compile.ts'
import { testKinds } from '../../src/core/plan/test-kinds.ts'
import { writeCopy } from '../../src/import/copy.ts'
import { importDocument } from '../../src/import/import.ts'
import { readinessOf } from '../../src/report/readiness.ts'
import { person, ReleaseSpec } from '../support/release-spec.ts'
import { areThere, seedBytes, seedNames, seedsFolder } from './documents.ts'

const derived: Readonly<Record<string, string>> = {
  'All checklist items completed': 'items',
  'All tests passing': 'tests',
  'All security reviews approved': 'security',
  'Rollback procedure tested': 'rollback',
  'Team trained and ready': 'training',
}

test.skipIf(!areThere(seedsFolder))(
  'readiness is derived over an imported checklist, to the end, without a deadlock',
  () => {
    const name = seedNames.find((each) => each.startsWith('003'))!
    const source = importDocument(seedBytes(name), { file: name })
    const accepted = source.outline.items.flatMap((item, at) => {
      const of = item.section.at(-1)?.includes('Deployment Readiness')
        ? Object.entries(derived).find(([words]) => item.text.includes(words))?.[1]
        : undefined
      return of === undefined ? [] : [{ at, block: `\`\`\`yaml readiness\nof: ${of}\n\`\`\`` }]
    })
    expect(accepted).toHaveLength(5)
    const copy = writeCopy(source, accepted, { file: name, shared: null, kinds: testKinds, skipped: [] })
    expect(copy.problems).toEqual([])
    const bytes = new TextEncoder().encode(copy.text ?? '')
    const { plan } = compile({ file: name, bytes, shared: null }, testKinds)
    const asking = plan!.steps.filter(({ block }) => block.word === 'readiness').map(({ id }) => id)
    expect(asking).toHaveLength(5)
    const spec = new ReleaseSpec().start(plan!)
    const told = () => readinessOf(spec.current, { now: spec.now, followUps: [], debt: [] })
    expect(told().ready).toBe(false)
    for (let rounds = 0; spec.current.phase !== 'closed' && rounds < 500; rounds += 1) {
      const open = spec.current.steps.open.filter(
        ({ id, reachedAt }) => reachedAt !== null && spec.current.index.step.get(id)?.block.word === 'answer',
      )
      const next = open.find(({ id }) => {
        const answer = { kind: 'Answer', step: id, answer: 'passed', note: null, fields: {}, evidence: [] } as const
        return spec.send(answer, person('ana')).kind === 'accepted'
      })
      if (next === undefined) break
    }
    expect(spec.current.phase).toBe('closed')
    expect(asking.map((id) => spec.current.steps.get(id)?.closed?.how)).toEqual(asking.map(() => 'passed'))
    const answers = Object.fromEntries(told().lines.map(({ id, answer }) => [id, answer]))
    expect(answers).toMatchObject({ items: 'yes', tests: 'yes', security: 'yes', rollback: 'yes', training: 'yes' })
    expect(told().ready).toBe(true)
  },
)
