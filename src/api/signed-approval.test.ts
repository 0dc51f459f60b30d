import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ReleaseView } from './client-types.ts'
import { signDecision } from './ssh-signature.ts'
import { examplePlan, startBody, type World, world } from './test-support/world.ts'

let folder: string
let at: World
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-approve-'))
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => at.end())

const ana = () => ({ id: 'ana@example.com', key: readFileSync(join(folder, 'key.pub'), 'utf8').trim() })

/** A release whose approval is asked for, and the digest that it shows. */
async function askedFor(): Promise<{ release: string; digest: string }> {
  const plan = examplePlan({ engineer: [ana()] })
  at = world(plan)
  const { release } = (await (await at.request('POST', '/v1/releases', startBody(plan))).json()) as { release: string }
  await until(release, 'ready', 'needs a person')
  await at.request('POST', `/v1/releases/${release}/commands`, {
    command: { kind: 'Answer', step: 'ready', answer: 'passed', note: null, fields: {}, evidence: [] },
    seen: null,
  })
  const step = await until(release, 'go-live', 'needs a person')
  return { release, digest: step.asks?.digest ?? '' }
}

async function until(release: string, id: string, state: string) {
  for (;;) {
    const view = (await (await at.request('GET', `/v1/releases/${release}`)).json()) as ReleaseView
    const step = view.phases.flatMap((phase) => phase.steps).find((candidate) => candidate.id === id)
    if (step?.state === state) return step
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const approve = (release: string, digest: string | null, signature: string) =>
  at.request('POST', `/v1/releases/${release}/commands`, {
    command: { kind: 'Approve', step: 'go-live', role: 'engineer', digest, typed: null, note: null },
    seen: null,
    signature,
  })

test('a signed approval is recorded as proven by the key, in the name of the member, whoever the caller claimed to be', async () => {
  const { release, digest } = await askedFor()
  expect(digest).not.toBe('')
  const signature = await signDecision(
    { verb: 'approve', release, subject: 'go-live', seen: digest, role: 'engineer' },
    'ana@example.com',
    join(folder, 'key'),
  )
  const answer = await approve(release, digest, signature)
  expect(await answer.json()).toMatchObject({
    kind: 'accepted',
    events: expect.arrayContaining([
      expect.objectContaining({
        kind: 'ApprovalGiven',
        by: 'ana@example.com',
        role: 'engineer',
        digest,
        assurance: 'signed',
      }),
    ]),
  })
})

test('a signature over something else is refused, never taken as an unsigned approval', async () => {
  const { release, digest } = await askedFor()
  const signature = await signDecision(
    { verb: 'approve', release, subject: 'ready', seen: digest, role: 'engineer' },
    'ana@example.com',
    join(folder, 'key'),
  )
  for (const [signed, over] of [
    [signature, digest],
    ['garbage', digest],
    [signature, null],
  ] as const) {
    const answer = await approve(release, over, signed)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'bad-signature' })
  }
  expect((await at.engine.state(release))?.steps.get('go-live')?.approvals).toEqual([])
})

test('what lets nothing go on takes no signature', async () => {
  const { release } = await askedFor()
  const answer = await at.request('POST', `/v1/releases/${release}/commands`, {
    command: { kind: 'Hold', why: 'wait' },
    seen: null,
    signature: 'x',
  })
  expect(await answer.json()).toMatchObject({ code: 'bad-body' })
})
