/** Calendars of a checklist: from its folder or its commit, a part of the plan, and from nowhere else. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadDocument } from './document.ts'
import { readFromGit } from './git-document.ts'
import { courseLines, planLines } from './plan-text.ts'

const checklist = `---
holdpoint: 1
windows:
  office: { zone: UTC, holidays: [2026-12-25, calendars/free.ics], eves: true }
---
# Release

## Deploy
\`\`\`yaml phase
window: office
\`\`\`
- [ ] The new version runs
`
const calendar = (day: string) =>
  `BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:${day}\nEND:VEVENT\nEND:VCALENDAR\n`

let folder = ''
const write = (name: string, text: string | Uint8Array) => writeFileSync(join(folder, name), text)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-calendars-'))
  mkdirSync(join(folder, 'calendars'))
  write('RELEASE.md', checklist)
  write('calendars/free.ics', calendar('20270104'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const load = () => loadDocument(join(folder, 'RELEASE.md'))

test('a changed calendar is another plan, and the plan shows which calendar it is', async () => {
  const { plan: before, body } = await load()
  if (before === null) throw new Error('it compiles')
  expect(body?.calendars).toEqual([{ file: 'calendars/free.ics', text: calendar('20270104') }])
  const source = before.windows['office']?.calendars?.[0]
  const shown = planLines(before).flat(2).join(' ')
  expect(shown).toContain(`in window office, closed by 1 event of calendars/free.ics ${source?.sha256.slice(0, 12)}`)
  write('calendars/free.ics', calendar('20270105'))
  const { plan: after } = await load()
  expect(after?.source.sha256).toBe(before.source.sha256)
  expect(after?.digest).not.toBe(before.digest)
})

test('a plan says when a start would be through, and that one which would leave its window is refused', async () => {
  const slow = checklist.replace(
    '- [ ] The new',
    '- [ ] Caches are warm\n  ```yaml wait\n  for: 2h\n  ```\n- [ ] The new',
  )
  write('RELEASE.md', slow)
  const { plan } = await load()
  if (plan === null) throw new Error('it compiles')
  const said = (now: string) => courseLines(plan, Date.parse(now)).flat(2).join(' ')
  expect(said('2027-01-02T20:00:00Z')).toContain('through at 2027-01-02 22:00 UTC at the earliest')
  // The eve of the holiday begins at midnight.
  expect(said('2027-01-02T22:30:00Z')).toContain('its window "office" closes before that')
  expect(said('2027-01-04T12:00:00Z')).toContain('through at 2027-01-05 02:00 UTC at the earliest')
})

test('a kept plan brings its calendars, whatever has become of the files', async () => {
  const { plan, body, root } = await load()
  write('kept.json', JSON.stringify({ holdpoint: 'plan', document: body, root, plan }))
  write('calendars/free.ics', calendar('20270105'))
  expect((await loadDocument(join(folder, 'kept.json'))).plan?.digest).toBe(plan?.digest)
})

test('a calendar that is missing keeps the checklist from compiling', async () => {
  rmSync(join(folder, 'calendars/free.ics'))
  const { plan, problems } = await load()
  expect(plan).toBeNull()
  expect(problems.map(({ code, line }) => `${code}:${line}`)).toEqual(['unknown-calendar:4'])
})

test('a link that leads out of the folder, and bytes that are no text, are refused', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'holdpoint-elsewhere-'))
  writeFileSync(join(outside, 'free.ics'), calendar('20270104'))
  rmSync(join(folder, 'calendars/free.ics'))
  symlinkSync(join(outside, 'free.ics'), join(folder, 'calendars/free.ics'))
  await expect(load()).rejects.toThrow('calendars/free.ics leads out of')
  rmSync(outside, { recursive: true, force: true })
  rmSync(join(folder, 'calendars/free.ics'))
  write('calendars/free.ics', Uint8Array.of(0x42, 0xff, 0xfe))
  await expect(load()).rejects.toThrow('calendars/free.ics is not UTF-8')
})

test('settings beside a checklist may name its calendars', async () => {
  write('RELEASE.md', '---\nholdpoint: 1\n---\n# Release\n- [ ] A step\n')
  write('holdpoint.yaml', 'windows:\n  office:\n    holidays: calendars/free.ics\n')
  expect((await load()).plan?.windows['office']?.closures).toHaveLength(1)
})

test('from a repository they are those of the commit', async () => {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args])
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('commit', '-q', '-m', 'first')
  write('calendars/free.ics', calendar('20270105'))
  const found = await readFromGit({ url: folder, ref: 'main', path: 'RELEASE.md' })
  expect(found.calendars).toEqual([{ file: 'calendars/free.ics', text: calendar('20270104') }])
})
