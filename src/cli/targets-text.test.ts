import { expect, test } from 'vitest'
import type { TargetView } from '../api/client-types.ts'
import { paint } from './terminal/line.ts'
import { targetLines } from './targets-text.ts'

const at = Date.UTC(2026, 2, 1, 14, 5)
const target: TargetView = {
  name: 'checkout in production',
  kind: 'target',
  service: 'checkout',
  environment: 'production',
  serving: '1.4.0',
  holder: {
    release: 'checkout-1.4.1-k7f2',
    service: 'checkout',
    environment: 'production',
    version: '1.4.1',
    since: at,
    startedBy: 'ana',
    phase: null,
    state: 'running',
    now: '25 % soaks',
    who: null,
    supersedable: false,
    ends: 'It lets go when it ends; holdpoint release abort checkout-1.4.1-k7f2 takes it back and lets go of this.',
  },
  line: [
    {
      release: 'checkout-1.4.2-x3p9',
      version: '1.4.2',
      by: 'ben',
      since: at,
      until: at + 86_400_000,
      supersede: false,
      say: 'next, behind checkout 1.4.1',
    },
  ],
  withdrawn: [{ release: 'checkout-1.3.9', version: '1.3.9', by: 'eve', at, how: 'left', why: '\u001b[2Jnot today' }],
}

test('a target fits a terminal of 80 columns, says who holds it and who waits, and no version moves the cursor', () => {
  const lines = targetLines([target], at, 80).map((line) => paint(line, { width: 80, colour: false }))
  expect(lines).toMatchInlineSnapshot(`
    [
      "checkout in production  held, serves 1.4.0",
      "  by checkout-1.4.1-k7f2: checkout 1.4.1 → production, since 14:05 UTC,",
      "    started by ana",
      "  now: 25 % soaks",
      "  It lets go when it ends; holdpoint release abort checkout-1.4.1-k7f2 takes",
      "    it back and lets go of this.",
      "  1. checkout-1.4.2-x3p9: 1.4.2 of ben, next, behind checkout 1.4.1, since",
      "    14:05 UTC, leaves at 2026-03-02 14:05 UTC",
      "  left the line: checkout-1.3.9 at 14:05 UTC: \\x1b[2Jnot today",
    ]
  `)
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  expect(lines.join('')).not.toContain('\u001b')
})

test('a target that is free says what serves there', () => {
  const free = { ...target, holder: null, line: [], withdrawn: [] }
  expect(targetLines([free], at, 80).map((line) => paint(line, { width: 80, colour: false }))).toEqual([
    'checkout in production  free, serves 1.4.0',
  ])
})
