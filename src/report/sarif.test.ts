import { expect, test } from 'vitest'
import type { Problem } from '../core/plan/plan.ts'
import { sarifOf } from './sarif.ts'

const problem = (code: string, line: number, more: Partial<Problem> = {}): Problem => ({
  file: './docs/my release.md',
  line,
  column: 3,
  code,
  severity: 'warning',
  found: 'a box',
  expected: 'a field',
  example: 'x',
  ...more,
})

test('has what SARIF 2.1.0 requires, and what code hosts want besides', () => {
  const sarif = sarifOf(
    [problem('pre-ticked', 4), problem('bad-value', 0, { severity: 'error' }), problem('pre-ticked', 9)],
    {
      version: '1.2.3',
    },
  )
  expect(sarif.version).toBe('2.1.0')
  expect(sarif.$schema).toMatch(/^https:.*sarif-2\.1\.0\.json$/)
  const [run] = sarif.runs
  expect(sarif.runs).toHaveLength(1)
  expect(run?.tool.driver).toMatchObject({ name: 'Holdpoint', version: '1.2.3' })
  const rules = run?.tool.driver.rules ?? []
  expect(rules.map(({ id }) => id)).toEqual(['bad-value', 'pre-ticked'])
  for (const rule of rules)
    for (const text of [rule.shortDescription.text, rule.fullDescription.text, rule.help.text])
      expect(text).not.toBe('')
  expect(run?.results).toHaveLength(3)
  for (const result of run?.results ?? []) {
    expect(rules[result.ruleIndex]?.id).toBe(result.ruleId)
    expect(['none', 'note', 'warning', 'error']).toContain(result.level)
    expect(result.message.text).toContain('a box. Expected: a field. For example: x')
    const [location] = result.locations
    expect(location?.physicalLocation.artifactLocation.uri).toBe('docs/my%20release.md')
    expect(location?.physicalLocation.region.startLine).toBeGreaterThanOrEqual(1)
    expect(location?.physicalLocation.region.startColumn).toBeGreaterThanOrEqual(1)
  }
})

test('a document without problems is a run without results', () => {
  expect(sarifOf([], { version: '1.0.0' }).runs[0]?.results).toEqual([])
})

test('an absolute path is an address of a file, and a finding is known again when its line moves', () => {
  const results = [4, 40].map(
    (line) => sarifOf([problem('pre-ticked', line, { file: '/srv/a b.md' })], { version: '1.0.0' }).runs[0]?.results[0],
  )
  expect(results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('file:///srv/a%20b.md')
  expect(results[0]?.partialFingerprints).toEqual(results[1]?.partialFingerprints)
})
