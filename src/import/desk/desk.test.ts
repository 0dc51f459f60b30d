/** The desk: what a page or a program asks about a document comes back as plain data. */
import { describe, expect, test } from 'vitest'
import { kinds } from '../../app/app.ts'
import { openDesk } from './desk.ts'
import type { CopyJob } from './jobs.ts'

const desk = openDesk(kinds())
const document = [
  '# Shop release',
  '',
  '## Before',
  '',
  '- [ ] The shop answers: `curl -fsS https://shop.example/healthz`',
  '- [ ] Restart it: `kubectl rollout restart deployment/shop`',
  '- [ ] Support knows',
  '',
].join('\r\n')

function jobOf(text: string, more: Partial<CopyJob> = {}): CopyJob {
  return {
    file: 'RELEASE.md',
    out: 'RELEASE.holdpoint.md',
    bytes: Buffer.from(text),
    repair: false,
    earlier: null,
    today: '2030-01-01',
    accepted: [],
    skipped: [],
    extra: [],
    shared: null,
    ...more,
  }
}

function allOf(text: string) {
  return desk
    .preview(jobOf(text))
    .imported.items.flatMap(({ proposal }, at) =>
      proposal === null ? [] : [{ at, block: proposal.block, risk: proposal.risk }],
    )
}

describe('the desk', () => {
  test('previews a document with its coverage in one line', () => {
    const { imported, coverageLine, hasFrontMatter, earlier } = desk.preview(jobOf(document))
    expect(coverageLine).toBe('3 items: 2 can run, 0 are numbers, 0 have an age, 1 needs a person')
    expect(imported.totals.proposed).toBe(2)
    expect([hasFrontMatter, earlier]).toEqual([false, null])
  })

  test('writes a copy, says what it has more, and that the document comes back to the byte', () => {
    const accepted = allOf(document)
    const written = desk.copy(jobOf(document, { accepted, extra: ['service: shop'] }))
    expect(written.leftOut).toEqual([])
    expect(written.plan).toMatchObject({ service: 'shop', ladder: { steps: 3, machine: 2, attested: 0, manual: 1 } })
    expect(written.restored?.isSame).toBe(true)
    const lines = written.difference.flatMap((piece) => piece.lines)
    expect(lines.some(({ kind }) => kind === 'removed')).toBe(false)
    expect(lines.filter(({ kind }) => kind === 'added').map(({ text }) => text.trim())).toContain('service: shop')
    const same = lines.filter(({ kind }) => kind === 'same')
    for (const { line, text } of same) expect(document.split('\r\n')[(line ?? 0) - 1]).toBe(text)
    expect(lines.filter(({ kind }) => kind === 'added').every(({ text }) => text !== '')).toBe(true)
    const added = lines.filter(({ kind }) => kind === 'added').length
    expect(written.text?.split('\r\n').length).toBe(document.split('\r\n').length + added)
  })

  test('keeps lines of a front matter that was there before as they are', () => {
    const text = `---\ntitle: Mine\ntags: [a]\n---\n${document}`
    const written = desk.copy(jobOf(text, { accepted: allOf(text) }))
    const lines = written.difference.flatMap((piece) => piece.lines)
    expect(lines.filter(({ kind }) => kind === 'same').map(({ text: words }) => words)).toContain('title: Mine')
    expect(lines.some(({ kind }) => kind === 'removed')).toBe(false)
    expect(written.restored?.isSame).toBe(true)
  })

  test('finds in an earlier copy what was accepted and skipped', () => {
    const [first, second] = allOf(document)
    if (first === undefined || second === undefined) throw new Error('two blocks are proposed')
    const { text } = desk.copy(jobOf(document, { accepted: [first], skipped: [second.at] }))
    const again = desk.preview(jobOf(document, { earlier: text }))
    expect(again.earlier).toMatchObject({ accepted: [{ at: first.at, block: first.block }], skipped: [second.at] })
    expect(desk.preview(jobOf(document, { earlier: '# Another\n' })).earlier).toBe('unknown')
  })

  test('mends what needs no decision, and says what it did', () => {
    const text = '---\nholdpoint: 1\n---\n# X\n\n- [ ] Up\n  ```sh check\n  curl http://x.example/\n  ```\n'
    const job = { file: 'x.md', bytes: Buffer.from(text), shared: null, fix: true, today: null }
    const mended = desk.lint(job)
    expect(mended.fixed.map(({ code }) => code)).toEqual(['curl-without-fail'])
    expect(mended.text).toContain('curl --fail http://x.example/')
    expect(desk.lint({ ...job, fix: false }).problems.map(({ code }) => code)).toContain('curl-without-fail')
  })

  test('lints, and writes copies of, a checklist whose window names a calendar that came with it', () => {
    const text = [
      '---',
      'holdpoint: 1',
      'windows: { office: { zone: UTC, holidays: [free.ics], allow: [{ weekdays: mon-fri }] } }',
      '---',
      '# X',
      '',
      '- [ ] Up',
      '',
    ].join('\n')
    const calendar = [
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'UID:1',
      'DTSTART;VALUE=DATE:20261225',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\r\n')
    const calendars = [{ file: 'free.ics', text: calendar }]
    const job = { file: 'x.md', bytes: Buffer.from(text), shared: null, fix: false, today: null }
    expect(desk.lint({ ...job, calendars })).toMatchObject({ problems: [], plan: { name: 'X' } })
    expect(desk.lint(job)).toMatchObject({ plan: null, problems: [expect.objectContaining({ severity: 'error' })] })
    const copying = { ...jobOf(text), out: 'copy.md', accepted: [], skipped: [], extra: [], shared: null }
    expect(desk.copy({ ...copying, calendars }).plan?.name).toBe('X')
    expect(desk.copy(copying).plan).toBeNull()
  })

  test('surveys a checklist: who does each step, and which records it asks for', () => {
    const text = [
      '---',
      'holdpoint: 1',
      'service: shop',
      'environments: { production: { protected: true } }',
      '---',
      '# Shop',
      '',
      '## Before',
      '',
      '- [ ] Up',
      '  ```sh check',
      '  true',
      '  ```',
      '- [ ] A restore was tested',
      '  ```yaml record',
      '  name: restore-test',
      '  max-age: 30d',
      '  ```',
      '- [ ] Support knows',
      '',
    ].join('\n')
    const survey = desk.survey({ file: 'shop.md', bytes: Buffer.from(text), shared: null, today: null })
    expect(survey.plan?.ladder).toEqual({ steps: 3, machine: 1, attested: 1, manual: 1 })
    expect(survey.plan?.environments).toEqual([{ name: 'production', protected: true }])
    expect(survey.phases[0]?.steps.map(({ rung }) => rung)).toEqual(['machine', 'attested', 'manual'])
    expect(survey.needs).toMatchObject([{ name: 'restore-test', maxAgeMs: 30 * 86_400_000, drill: null }])
  })
})
