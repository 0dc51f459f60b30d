import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { report as definition } from './report.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-report-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let files = 0
async function reading(xml: string, settings: object = {}): ReturnType<typeof runCheck> {
  files += 1
  writeFileSync(join(root, `r${files}.xml`), xml)
  return runCheck(definition as never, { format: 'junit', path: `r${files}.xml`, ...settings }, { root })
}
const cases = (passed: number, more = ''): string => `<?xml version="1.0"?>
<testsuites><testsuite name="unit">${Array.from({ length: passed }, (_, index) => `<testcase classname="a" name="t${index}" time="0.5"/>`).join('')}${more}</testsuite></testsuites>`

test('a report of passed tests passes and is kept as evidence', async () => {
  const result = await reading(cases(3))
  expect(result).toMatchObject({
    outcome: 'passed',
    say: '3 tests, 0 failed, 0 skipped',
    facts: { tests: 3, time_seconds: 1.5 },
  })
  expect(evidenceText(result)).toContain('<testsuites>')
})

test('failures and errors fail it, by name', async () => {
  const failing =
    '<testcase classname="pay" name="charges twice"><failure message="boom">&lt;trace&gt;</failure><failure/></testcase><testcase name="setup"><error/></testcase>'
  expect(await reading(cases(3, failing))).toMatchObject({
    outcome: 'failed',
    say: '5 tests, 2 failed, 0 skipped, at most 0 may fail: pay charges twice, setup',
  })
  expect((await reading(cases(3, failing), { 'max-failures': 2 })).outcome).toBe('passed')
})

test('a suite that counts an error without a test case is believed', async () => {
  expect((await reading('<testsuite tests="1" errors="1"><testcase name="a"/></testsuite>')).outcome).toBe('failed')
})

test('no test at all is inconclusive, too few or too many skipped fail', async () => {
  expect((await reading('<testsuites/>')).outcome).toBe('inconclusive')
  expect((await reading(cases(3), { 'min-tests': 100 })).outcome).toBe('failed')
  const skipped = '<testcase name="later"><skipped/></testcase>'
  expect((await reading(cases(1, skipped))).outcome).toBe('passed')
  expect((await reading(cases(1, skipped), { 'max-skipped': 0 })).outcome).toBe('failed')
})

test('an old report and one of another commit fail', async () => {
  const properties =
    '<testsuite><properties><property name="commit" value="abc123"/></properties><testcase name="a"/></testsuite>'
  expect((await reading(properties, { commit: 'abc123' })).outcome).toBe('passed')
  expect((await reading(properties, { commit: 'def456' })).outcome).toBe('failed')
  expect((await reading(cases(1), { commit: 'abc123' })).outcome).toBe('inconclusive')
  await reading(cases(1))
  utimesSync(join(root, `r${files}.xml`), new Date(0), new Date(0))
  const old = await runCheck(
    definition as never,
    { format: 'junit', path: `r${files}.xml`, 'newer-than': '1h' },
    { root },
  )
  expect(old.outcome).toBe('failed')
})

test('several files count together', async () => {
  writeFileSync(join(root, 'part-1.junit'), cases(2))
  writeFileSync(join(root, 'part-2.junit'), cases(3))
  const result = await runCheck(definition as never, { format: 'junit', path: 'part-*.junit' }, { root })
  expect(result.say).toBe('5 tests, 0 failed, 0 skipped')
})

test('what cannot be read as a report is an error, never a pass', async () => {
  const bombs = [
    '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><testsuite><testcase name="&lol2;"/></testsuite>',
    '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&xxe;"/></testsuite>',
    '<testsuite><testcase name="&unknown;"/></testsuite>',
    '<testsuite><testcase name="a"/>',
    '<testsuite><testcase name="a"></testsuite></testcase>',
    '<testsuite tests="40"><testcase name="a"/></testsuite>',
    '<html><body>404 not found</body></html>',
    '<testsuite/><testsuite/>',
    'PASS 300 tests',
    '',
    '<'.repeat(100_000),
    '<testsuite>'.repeat(5_000),
    `<testsuite${' a="b"'.repeat(10_000)}`,
    `<testsuite><!-- ${'-'.repeat(100_000)}`,
  ]
  for (const bomb of bombs) {
    const result = await reading(bomb)
    expect(result.outcome, bomb.slice(0, 60)).toBe('errored')
    expect(result.say).not.toContain('root:')
  }
  expect((await runCheck(definition as never, { format: 'junit', path: 'missing.xml' }, { root })).outcome).toBe(
    'errored',
  )
  expect((await runCheck(definition as never, { format: 'junit', path: '../*.xml' }, { root })).outcome).not.toBe(
    'passed',
  )
})
