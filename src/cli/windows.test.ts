/** Windows and planned starts on the command line, against a real engine in a private folder. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReleaseView } from '../report/view.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''

/** Closed on every day there is, so that no clock decides how this test goes. */
const closed = `  never: { zone: Europe/Berlin, allow: [{ dates: [2020-01-01] }], override: manager }`
const text = (service: string, window: string) => `---
holdpoint: 1
service: ${service}
roles: { manager: [mia] }
windows:
  office: { zone: Europe/Berlin, working-days: mon-fri, holidays: [2020-12-25] }
${closed}
---
# Release

## Before
\`\`\`yaml phase
due: 1 working day before
\`\`\`
- [ ] Support knows

## Roll out
\`\`\`yaml phase
kind: rollout
window: ${window}
\`\`\`
- [ ] Go
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-windows-'))
  await writeFile(join(folder, 'planned.md'), text('shop', 'office'))
  await writeFile(join(folder, 'closed.md'), text('pay', 'never'))
})
afterAll(async () => {
  for (const { id } of JSON.parse((await holdpoint('release list --open --json')).out) as readonly { id: string }[])
    await holdpoint(['release', 'abort', id, '--reason', 'the test is over'])
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function holdpoint(line: string | readonly string[]): Promise<Ended> {
  const args = typeof line === 'string' ? line.split(' ') : line
  const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home'), HOLDPOINT_ENGINE_IDLE: '1s' }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

const shown = async () => JSON.parse((await holdpoint('release show --json')).out) as ReleaseView
const day = 86_400_000
/** `2031-04-08T10:00` and so on: far from now, whenever that is. */
const future = (days: number) => new Date(Date.now() + days * day).toISOString().slice(0, 16)

test('windows says what each is now and when it changes, in lines of 80 columns', async () => {
  const all = await holdpoint('windows planned.md --at 2020-12-24T12:00Z')
  expect(all.code).toBe(0)
  expect(all.out).toContain(
    'office  Europe/Berlin  open\n  Thu 2020-12-24 13:00  to  Fri 2020-12-25 00:00  then denied: 2020-12-25',
  )
  expect(all.out).toContain('never  Europe/Berlin  closed: outside 2020-01-01\n  does not open within a year')
  expect(all.out).toContain('nobody may override it')
  expect(Math.max(...all.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(JSON.parse((await holdpoint('windows planned.md --json')).out)).toMatchObject([
    { name: 'office', open: true },
    { name: 'never', open: false },
  ])
})

test('a planned start shows what is due before it, moves, and is refused without a reason where it comes too late', async () => {
  const late = await holdpoint(['run', 'planned.md', '--version', '1'])
  expect(late.code).toBe(1)
  expect(late.err).toContain('"Before" was due')
  const wrong = await holdpoint(['run', 'planned.md', '--version', '1', '--at', 'tomorrow'])
  expect(wrong.code).toBe(2)
  expect(wrong.err).toContain('for example --at 2026-12-01T10:00[Europe/Berlin]')
  const started = await holdpoint(['run', 'planned.md', '--version', '1', '--at', `${future(20)}Z`, '--wait', '1s'])
  expect(started.code).toBe(3)
  const before = (await shown()).time
  expect(before).toMatchObject({ zone: 'Europe/Berlin', dues: [{ title: 'Before', open: 1, overdue: false }] })
  const page = await holdpoint('release show')
  expect(page.out).toMatch(/^Roll out is planned for \w{3} \d{4}-\d\d-\d\d \d\d:\d\d \(Europe\/Berlin\), in 1\dd/m)
  expect(page.out).toMatch(/^◌ Before {2}due \w{3} /m)
  expect((await holdpoint(['release', 'answer', 'Support knows', 'passed'])).code).toBe(0)

  const moved = await holdpoint([
    'release',
    'reschedule',
    '--at',
    `${future(60)}Z`,
    '--reason',
    'the vendor needs longer',
  ])
  expect(moved.out).toContain('moved the start')
  expect(moved.out).toContain('Support knows: to be done again')
  const after = await shown()
  expect(after.time?.plannedAt).toBeGreaterThan((before?.plannedAt ?? Infinity) + 30 * day)
  expect(after.waitsFor.map(({ what }) => what)).toEqual(['Support knows'])
  expect(after.phases[0]).toMatchObject({ title: 'Before', status: 'open' })
  expect((await holdpoint('release list')).out).toContain('to be done again: Support knows')
  const report = await holdpoint('export --format report')
  expect(report.out).toContain('moved the planned start')
  expect((await holdpoint(['release', 'abort', '--reason', 'the test is over'])).code).toBe(0)
})

test('a closed window is opened by the role it names, at the start or later, and the report lists it', async () => {
  const barred = await holdpoint(['run', 'closed.md', '--version', '2', '--reason', 'no time for it'])
  expect(barred.err).toContain('does not open within a year')
  expect(barred.err).toContain('--override-window "why" --role manager')
  const asked = ['run', 'closed.md', '--version', '2', '--reason', 'no time for it', '--wait', '1s']
  const stranger = await holdpoint([...asked, '--override-window', 'customers cannot pay', '--role', 'manager'])
  expect(stranger.code).toBe(1)
  expect(stranger.err).toContain('is not manager; that is mia')
  const roleless = await holdpoint([...asked, '--override-window', 'customers cannot pay'])
  expect(roleless.code).toBe(2)
  const mia = ['--as', 'mia', '--override-window', 'customers cannot pay', '--role', 'manager']
  expect((await holdpoint([...asked, ...mia])).code).toBe(3)
  expect((await shown()).time).toMatchObject({
    lateWhy: 'no time for it',
    overridden: [{ by: 'mia', phase: 'Roll out' }],
  })
  const again = await holdpoint([
    'release',
    'override',
    'Roll out',
    '--role',
    'manager',
    '--reason',
    'again',
    '--as',
    'mia',
  ])
  expect(again.code).toBe(1)
  expect(again.err).toContain('mia has overridden the window of "Roll out" already')
  await holdpoint(['release', 'answer', 'Support knows', 'passed'])
  expect((await shown()).phases.find(({ title }) => title === 'Roll out')?.status).toBe('open')
  const report = await holdpoint('export --format report')
  expect(report.out).toMatch(/Waivers and overrides\n\n- .*mia.*overrode the window never for .*customers cannot pay/)
  expect(report.out).toContain('Started although its lead times could not be kept: no time for it')
})
