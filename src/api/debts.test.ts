/** The debt of a checklist over the API: told before a start, and in the report of the release that comes next. */
import { expect, test } from 'vitest'
import type { Debt } from '../report/debt.ts'
import { startBody, startExample, world, type World } from './test-support/world.ts'

async function released(at: World): Promise<void> {
  const release = await startExample(at)
  const reason = 'known flake'
  for (const command of [
    { kind: 'Waive', step: 'ready', role: 'lead', reason, expires: null },
    { kind: 'Approve', step: 'go-live', role: null, digest: null, typed: null, note: null },
  ]) {
    const answer = await at.request('POST', `/v1/releases/${release}/commands`, { command, seen: null })
    expect(answer.status).toBe(200)
  }
  expect((await at.engine.state(release))?.phase).toBe('closed')
}

test('a step that two releases waived is told before the next start, and in the report of that release', async () => {
  const at = world()
  const debtNow = async () =>
    (await (await at.request('GET', '/v1/debt?service=shop&checklist=Example')).json()) as readonly Debt[]
  await released(at)
  expect(await debtNow()).toEqual([])
  await released(at)
  expect(await debtNow()).toMatchObject([
    { step: 'ready', count: 2, of: 2, last: [{ why: 'ana as lead: known flake' }, {}] },
  ])
  const { document } = startBody()
  const { digest: _digest, ...body } = document
  const plan = (await (await at.request('POST', '/v1/plans', { document: body })).json()) as { debt: readonly Debt[] }
  expect(plan.debt).toMatchObject([{ step: 'ready', count: 2 }])
  const next = await startExample(at)
  const report = await (await at.request('GET', `/v1/releases/${next}/export?format=report`)).text()
  expect(report).toContain('## Debt of the checklist')
  expect(report).toContain('waived in 2 of the last 2 releases')
  await at.end()
})
