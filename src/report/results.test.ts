/** One line beside each step: outcome, who, when, value and evidence, and nothing in it comes alive. */
import { expect, test } from 'vitest'
import { fold } from '../core/release/evolve.ts'
import { recordOf } from './record.ts'
import { closingOf, resultsOf } from './results.ts'
import { evidence, toldRelease } from './test-support/told-release.ts'

function told(words?: string) {
  const { events } = toldRelease(words)
  return recordOf(fold(events)!, events, { now: events.at(-1)!.at })
}

test('a step that passed is ticked, with who, when, and a link to its evidence', () => {
  const [tests] = resultsOf(told(''))
  expect(tests).toMatchObject({ line: 6, isTicked: true })
  expect(tests?.html).toMatch(/^<sub>✔ passed · engine · 2026-11-21 14:00 UTC · /)
  expect(tests?.html).toContain(`<a href="evidence/${evidence.sha256}">stdout</a>`)
})

test('a step that was waived keeps its box open and says by whom and why', () => {
  const waived = resultsOf(told('')).find(({ line }) => line === 7)
  expect(waived?.isTicked).toBe(false)
  expect(waived?.html).toMatch(/^<sub>~ waived · ana · .*waived by ana \(engineer\) until 2026-11-22: no time<\/sub>$/)
})

test('the last line names the release, how it ended, and the head of its log', () => {
  const record = told('')
  expect(closingOf(record)).toBe(
    `<sub>checkout v2 to production: Rolled back in 3.0s: errors 3.1 % &gt; 2 % · release r1 · started by ana 2026-11-21 14:00 UTC · log of ${record.head.version} events, head ${record.head.hash}</sub>`,
  )
})

test('words of others stay words: one line, no markup of theirs, no end of a comment, and nobody is called', () => {
  const record = told('--> <img src=x> "q" & \u001b[31m @here\nana@shop.example')
  const lines = [...resultsOf(record).map(({ html }) => html), closingOf(record)]
  expect(lines.join('')).toContain('--&gt; &lt;img src=x&gt;')
  for (const line of lines) {
    expect(line).not.toContain('\n')
    expect(line.replaceAll('@<!-- -->', '').match(/<(?!\/?sub>|a href="evidence\/[0-9a-f]{64}">|\/a>)/g)).toBeNull()
    expect(line).not.toContain('@here')
  }
})
