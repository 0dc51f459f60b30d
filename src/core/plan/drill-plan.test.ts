import { expect, test } from 'vitest'
import { compile } from './compile.ts'
import { drillPlan } from './drill-plan.ts'
import { hasItsDigest } from './plan-digest.ts'
import type { Plan } from './plan.ts'
import { testKinds } from './test-kinds.ts'

const text = `---
holdpoint: 1
name: Shop
service: shop
environments: { staging: {}, production: { protected: true } }
channels: { ops: { kind: webhook, url: https://chat.example/hook } }
follow-ups:
  notes: { title: Runbook says what the drill taught, after: rehearsal }
  tell: { title: Users were told, after: release }
---
# Shop
\`\`\`md notify on=release.closed to=ops
Shop {{ version }} is out.
\`\`\`
- [ ] Ship it
  \`\`\`sh run irreversible="a test"
  true
  \`\`\`

## Restore drill
\`\`\`yaml phase
kind: drill
\`\`\`
\`\`\`md notify on=release.closed to=ops
The drill is done.
\`\`\`
1. [ ] Restore it
   \`\`\`sh run record=restore-test
   ./restore.sh
   \`\`\`
2. [ ] Look at it

## Failover
\`\`\`yaml phase
kind: drill
environment: production
\`\`\`
- [ ] Fail over
`

function whole(): Plan {
  const { plan, problems } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return plan!
}

test('a drill by its title or id is a plan of its own: its steps with their digests, its messages, the follow-ups of a rehearsal', () => {
  const all = whole()
  const byTitle = drillPlan(all, 'restore DRILL')
  expect(byTitle).toEqual(drillPlan(all, 'restore-drill'))
  if (byTitle.kind === 'refused') throw new Error(byTitle.reason)
  const { plan } = byTitle
  expect(plan.drill).toEqual({ phase: 'restore-drill', title: 'Restore drill', of: all.digest })
  expect(plan.phases).toMatchObject([{ id: 'restore-drill', kind: 'gate' }])
  expect(plan.steps.map(({ text: words }) => words)).toEqual(['Restore it', 'Look at it'])
  expect(plan.steps[1]?.after).toEqual([plan.steps[0]?.id])
  expect(plan.messages.map(({ body }) => body.trim())).toEqual(['The drill is done.'])
  expect(Object.keys(plan.followUps ?? {})).toEqual(['notes'])
  expect(plan.unreversed).toEqual([plan.steps[0]?.id])
  expect(hasItsDigest(plan)).toBe(true)
  expect(plan.digest).not.toBe(all.digest)
})

test('another phase, or a name that there is not, is refused with the drills that there are', () => {
  expect(drillPlan(whole(), 'restore')).toEqual({
    kind: 'refused',
    reason:
      'There is no drill "restore"; this checklist has restore-drill ("Restore drill"), failover ("Failover"). For example: --drill restore-drill',
  })
  expect(drillPlan(whole(), 'Shop')).toMatchObject({ reason: expect.stringContaining('is no drill but a gate') })
})

const problemsOf = (document: string) =>
  compile({ file: 'S.md', bytes: new TextEncoder().encode(document), shared: null }, testKinds).problems

test('a schedule that starts a drill elsewhere than the drill says is told when it is written', () => {
  const head = `---
holdpoint: 1
service: shop
environments: { staging: {}, production: {} }
schedule: { every: month, record: r, start: { drill: drill, environment: ENV } }
---
- [ ] Ship it

## Drill
\`\`\`yaml phase
kind: drill
environment: staging
\`\`\`
- [ ] Restore it
`
  const problemsIn = (environment: string) => problemsOf(head.replace('ENV', environment)).map(({ found }) => found)
  expect(problemsIn('staging')).toEqual([])
  expect(problemsIn('production')).toEqual([expect.stringContaining('the drill "drill" runs in staging')])
})

test('a checklist of drills alone says why nothing of it can hold a release', () => {
  const only = '---\nholdpoint: 1\n---\n## Drill\n```yaml phase\nkind: drill\n```\n- [ ] Restore it\n'
  const [problem] = problemsOf(only)
  expect(problem).toMatchObject({ code: 'no-required-step' })
  expect(problem?.expected).toContain('that is not of a drill')
})
