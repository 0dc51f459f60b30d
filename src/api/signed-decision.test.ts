/** Decisions in a protected environment, signed with real keys: waive, leave out, promote, resume, amend, leave. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { digestOf } from '../core/log/canonical.ts'
import type { StoredEvent } from '../core/ports/store.ts'
import type { ReleaseView, WireCommand } from './client-types.ts'
import { signDecision } from './ssh-signature.ts'
import { examplePlan, startBody, type World, world } from './test-support/world.ts'
import { signedDecisionOf } from './wire/signed-decision.ts'

let folder: string
let at: World
let release: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-decide-'))
  for (const name of ['ana', 'eve'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(async () => {
  const key = readFileSync(join(folder, 'ana.pub'), 'utf8').trim()
  const { digest: _, ...body } = examplePlan({ engineer: [{ id: 'ana', key }] })
  const plan = { ...body, environments: { production: { protected: true } } }
  const whole = { ...plan, digest: digestOf(plan) }
  at = world(whole)
  const started = await at.request('POST', '/v1/releases', startBody(whole, { environment: 'production' }))
  release = ((await started.json()) as { release: string }).release
})
afterEach(() => at.end())

const waive: WireCommand = { kind: 'Waive', step: 'ready', reason: 'seen by hand', role: 'engineer', expires: null }
const leaveOut: WireCommand = { kind: 'MarkNotApplicable', step: 'ready', reason: 'no schema change', role: 'engineer' }
const leave = (): WireCommand => ({ kind: 'Abort', why: 'by hand', leave: true, typed: release })

async function view(): Promise<ReleaseView> {
  return (await (await at.request('GET', `/v1/releases/${release}`)).json()) as ReleaseView
}

async function signature(command: WireCommand, seen: number, key = 'ana', id = 'ana'): Promise<string> {
  const decision = signedDecisionOf(release, command, seen, 'answer')
  if ('unsignable' in decision) throw new Error(decision.unsignable)
  return signDecision(decision, id, join(folder, key))
}

async function ask(command: WireCommand, more: { seen?: number; signature?: string } = {}) {
  const answer = await at.request('POST', `/v1/releases/${release}/commands`, { command, seen: null, ...more })
  return { status: answer.status, body: (await answer.json()) as { code?: string; detail?: string } }
}

async function signed(command: WireCommand) {
  const seen = (await view()).version
  return ask(command, { seen, signature: await signature(command, seen) })
}

test('a claimed waiver is refused with the flag that is missing, a signed one is recorded as signed', async () => {
  const claimed = await ask(waive)
  expect(claimed.status).toBe(403)
  expect(claimed.body).toMatchObject({ code: 'sign-in-required', detail: expect.stringContaining('--sign ') })
  expect((await signed(waive)).body).toMatchObject({ kind: 'accepted' })
  const events = (await (await at.request('GET', `/v1/releases/${release}/events`)).json()) as readonly StoredEvent[]
  const waived = events.find(({ event }) => (event as { kind: string }).kind === 'StepWaived')
  expect(waived?.by).toMatchObject({ id: 'ana', kind: 'person', assurance: 'signed' })
  // The proof is in the log itself: a stock tool and the public key are enough.
  const { statement, signature } = waived?.by.proof ?? { statement: '', signature: '' }
  expect(statement).toMatch(/^holdpoint waive .* as ana role engineer\n$/)
  writeFileSync(join(folder, 'allowed'), `ana ${readFileSync(join(folder, 'ana.pub'), 'utf8')}`)
  writeFileSync(join(folder, 'proof'), signature)
  const verify = [
    '-Y',
    'verify',
    '-f',
    join(folder, 'allowed'),
    '-I',
    'ana',
    '-n',
    'holdpoint',
    '-s',
    join(folder, 'proof'),
  ]
  expect(execFileSync('ssh-keygen', verify, { input: statement, encoding: 'utf8' })).toContain(
    'Good "holdpoint" signature',
  )
})

test('leaving out a step, lifting a hold and leaving everything as it is are taken signed and not claimed', async () => {
  expect((await ask({ kind: 'Hold', why: 'odd' })).body).toMatchObject({ kind: 'accepted' })
  for (const command of [{ kind: 'Resume', why: 'fine' }, leaveOut, leave()] as const) {
    expect((await ask(command)).body).toMatchObject({ code: 'sign-in-required' })
    expect((await signed(command)).body).toMatchObject({ kind: 'accepted' })
  }
  // Nothing is left standing on one person's word: it is asked for, and waits for a second person.
  expect((await view()).phase).toBe('running')
})

test('a signature fits only the very command, version, key and person it was made for', async () => {
  const seen = (await view()).version
  const good = await signature(waive, seen)
  const wrong: readonly (readonly [WireCommand, number | undefined, string])[] = [
    [{ ...waive, reason: 'something else' }, seen, good],
    [{ ...waive, expires: Date.now() + 60_000 }, seen, good],
    [leaveOut, seen, good],
    [waive, seen + 1, good],
    [waive, undefined, good],
    [waive, seen, await signature(waive, seen, 'eve')],
    [waive, seen, await signature(waive, seen, 'ana', 'eve')],
  ]
  for (const [command, version, over] of wrong) {
    const answer = await ask(command, { ...(version === undefined ? {} : { seen: version }), signature: over })
    expect(answer.status).toBe(403)
    expect(answer.body).toMatchObject({ code: 'bad-signature' })
  }
  expect((await at.engine.state(release))?.steps.get('ready')?.closed ?? null).toBeNull()
})

test('a signed decision is not taken again after what it decided has changed', async () => {
  await ask({ kind: 'Hold', why: 'odd' })
  const resume: WireCommand = { kind: 'Resume', why: 'fine' }
  const seen = (await view()).version
  const over = await signature(resume, seen)
  expect((await ask(resume, { seen, signature: over })).body).toMatchObject({ kind: 'accepted' })
  await ask({ kind: 'Hold', why: 'odd again' })
  expect((await ask(resume, { seen, signature: over })).body).toMatchObject({ code: 'stale-view' })
  expect((await view()).hold?.why).toBe('odd again')
})

test('an amendment is signed over its document', async () => {
  const { document } = startBody()
  const amend = (base64: string): WireCommand => ({
    kind: 'Amend',
    document: { ...document, base64 },
    role: 'engineer',
    reason: 'typo',
  })
  const seen = (await view()).version
  const over = await signature(amend(document.base64), seen)
  expect((await ask(amend(Buffer.from('other').toString('base64')), { seen, signature: over })).body).toMatchObject({
    code: 'bad-signature',
  })
})

test('each decision that can be signed has a line of its own', () => {
  const line = (command: WireCommand, word: string | null) => signedDecisionOf('r1', command, 7, word)
  const approve: WireCommand = { kind: 'Approve', step: 's', role: null, digest: 'd', typed: 's', note: null }
  expect(line(approve, 'approve')).toMatchObject({ verb: 'approve', subject: 's', seen: 'd' })
  expect(line(approve, 'run')).toMatchObject({ verb: 'confirm', seen: `version 7 content ${digestOf(approve)}` })
  expect(line({ kind: 'Promote', stage: 0, role: 'lead', reason: null }, null)).toMatchObject({
    verb: 'promote',
    subject: 'stage-1',
    role: 'lead',
  })
  expect(line({ kind: 'Settle', step: 's', as: 'done', why: '' }, 'run')).toMatchObject({ verb: 'settle', role: null })
  expect(line({ kind: 'Retry', step: 's' }, 'run')).toMatchObject({ code: 'bad-body' })
})
