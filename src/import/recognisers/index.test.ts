/** All recognisers together: none goes untested, what a place makes of its items, and that what is proposed compiles. */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { kinds } from '../../app/app.ts'
import { importDocument } from '../import.ts'
import { writeCopy } from '../copy.ts'
import { seen } from './cases.ts'
import { recognisers } from './index.ts'

test('every recogniser has a test of its own beside it, and a name of its own', () => {
  const files = readdirSync(import.meta.dirname)
  const without = files.filter(
    (file) => !/^(?:cases|index)\.|\.test\.ts$/.test(file) && !files.includes(file.replace('.ts', '.test.ts')),
  )
  expect(without).toEqual([])
  expect(new Set(recognisers.map(({ name }) => name)).size).toBe(recognisers.length)
})

describe('what a place makes of its items', () => {
  test.for([
    ['a contents list is to be read', '- [Before](#before)\n- [After](#after)\n', 1, 'reference', 'note'],
    ['a stamp is about the document', '**Last updated**: 2026-01-02\n', 1, 'metadata', 'note'],
    ['a heading has a lead time', '## Code (2 weeks before)\n', 1, 'schedule', 'rule'],
    ['a heading has a span', '## Soon after (0-20 minutes)\n', 1, 'monitor-window', 'rule'],
    ['a heading is a stage', '## Stage 2: 20% of users (2 hours)\n', 1, 'canary-stage', 'rule'],
    ['a heading has a condition', '## Mobile (if applicable)\n', 1, 'decision-rule', 'rule'],
    ['limits to turn back at', '## When to roll back\n\n- Errors over 4%\n', 3, 'rollback-trigger', 'rule'],
    ['steps that take back', '## Rollback\n\n1. Put the old image back\n', 3, 'rollback-step', 'step'],
    ['things to prepare', '## Rollback preparation\n\n- [ ] Helm chart of before\n', 3, 'kubernetes', 'step'],
    ['go', '**Go/No-Go**:\n- PROCEED: all is calm\n', 2, 'decision-rule', 'rule'],
    ['whom to call', '## Contacts\n\n- Ops lead: ops@example.org\n', 3, 'contact', 'contact'],
    ['a message', '## Announcement\n\nSlack #news:\n\n```\nWe ship v2.0.1\n```\n', 5, 'template', 'message'],
    ['a signature', '| Role | Signature |\n|---|---|\n| QA | |\n', 3, 'approval', 'step'],
    ['a row to fill in', '| Issue | Fix |\n|---|---|\n| | |\n', 3, 'form-field', 'field'],
    ['what is never done', '## Never\n\n- [ ] a\n\n### Don’t\n\n- Skip the tests\n', 7, 'decision-rule', 'rule'],
    ['a plain bullet beside boxes', '- [ ] Ship it\n\nAlso:\n\n- it is blue\n', 5, 'reference', 'note'],
    ['an item with steps in it', '- [ ] Tests pass\n  - [ ] unit\n  - [ ] end to end\n', 1, 'group', 'group'],
  ] as const)('%s', ([, text, line, kind, role]) => {
    const { kind: is, role: as } = seen(text, line)
    expect([is, as]).toEqual([kind, role])
  })
})

describe('what is proposed compiles', () => {
  test.for([
    '`npm test` passes',
    'Push it: `git push origin main`',
    'Mail is up: `telnet mail.example 25`',
    'Approved by at least 2 engineers',
    'Product owner approval',
    'Restore tested within the last 45 days',
    'Error rate now: ____',
    'All is done: Yes / No',
    'The shop is live: https://shop.acme.dev/',
    '`dist/shop.js` exists',
    'All tests pass (`reports/junit.xml`)',
    'Wait 30 minutes',
    'No errors in the log: `kubectl logs deploy/shop | grep -i error`',
  ])('%s', (words) => {
    const source = importDocument(new TextEncoder().encode(`- [ ] ${words}\n`), { file: 'a.md' })
    const accepted = source.imported.items.flatMap(({ proposal }, at) =>
      proposal ? [{ at, block: proposal.block }] : [],
    )
    expect(accepted).toHaveLength(1)
    const copy = writeCopy(source, accepted, { file: 'b.md', shared: null, kinds: kinds(), skipped: [] })
    expect(copy).toMatchObject({ leftOut: [], problems: [] })
  })
})
