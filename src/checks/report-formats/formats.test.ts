import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { CheckResult } from '../../core/ports/check.ts'
import { runCheck } from '../parts/powers.fixture.ts'
import { report } from '../report.ts'
import { findingsReaders } from './findings.ts'
import { isAllowed } from './licences.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-formats-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const now = Date.parse('2026-11-21T12:00:00Z')
const clock = { now: () => now, sleep: () => Promise.resolve() }

function reading(
  format: string,
  content: unknown,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<CheckResult> {
  writeFileSync(join(root, 'report'), typeof content === 'string' ? content : JSON.stringify(content))
  return runCheck(report as never, { format, path: 'report', ...settings }, { root, clock })
}

test('tests of which none was run are no proof', async () => {
  const skipped = '<testsuite tests="1"><testcase name="a"><skipped/></testcase></testsuite>'
  expect(await reading('junit', skipped)).toMatchObject({
    outcome: 'inconclusive',
    say: '1 tests, 0 failed, 1 skipped: none was run',
  })
})

describe('coverage', () => {
  const lcov =
    'TN:\nSF:src/a.ts\nDA:1,1\nDA:2,0\nDA:3,4\nDA:4,1\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nend_of_record\nSF:src/b.ts\nDA:1,0\nend_of_record\n'
  const cobertura = `<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="1"><packages><package name="a"><classes><class name="A" filename="a.py"><methods><method name="m"><lines><line number="1" hits="1"/></lines></method></methods>
<lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class></classes></package></packages></coverage>`
  const jacoco = `<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="x"><package name="p"><class name="p/A"><counter type="LINE" missed="9" covered="9"/></class>
<sourcefile name="A.java"><counter type="LINE" missed="1" covered="3"/><counter type="BRANCH" missed="1" covered="1"/></sourcefile><counter type="LINE" missed="9" covered="0"/></package></report>`

  test.each([
    ['lcov', lcov, 60, 50, 2],
    ['cobertura', cobertura, 50, 50, 1],
    ['jacoco', jacoco, 75, 50, 1],
  ])('of %s is counted from its lines, each once', async (format, text, lines, branches, files) => {
    expect(await reading(format, text, { lines: 10 })).toMatchObject({
      outcome: 'passed',
      facts: { lines_percent: lines, branches_percent: branches, files },
    })
  })

  test('says the number beside its limit, and the files that are below theirs', async () => {
    expect((await reading('lcov', lcov, { lines: '80%' })).say).toBe('lines 60 %, expected at least 80 %')
    expect((await reading('lcov', lcov, { lines: 60 })).say).toBe('lines 60 % (at least 60 %), in 2 files')
    expect((await reading('lcov', lcov, { 'each-file': 70 })).say).toBe('1 of 2 files below 70 %: src/b.ts 0 %')
    expect((await reading('lcov', lcov, { branches: 51 })).outcome).toBe('failed')
  })

  test('takes its limit from an input, and no ratio for a percentage', async () => {
    writeFileSync(join(root, 'report'), lcov)
    const asked = (coverage: string) =>
      runCheck(
        report as never,
        { format: 'lcov', path: 'report', lines: '{{ input.coverage }}%' },
        { root, clock, variables: { 'input.coverage': coverage } },
      )
    expect((await asked('60')).outcome).toBe('passed')
    expect((await asked('61')).say).toBe('lines 60 %, expected at least 61 %')
    expect(await asked('0.6')).toMatchObject({
      outcome: 'errored',
      say: '{{ input.coverage }}% is 0.6%: expected 1% to 100%, such as 80%',
    })
    expect((await asked('')).outcome).toBe('errored')
  })

  test('that is cut off, empty or of another tool proves nothing', async () => {
    expect((await reading('lcov', lcov.slice(0, -16), { lines: 1 })).say).toContain('the file is cut off')
    expect((await reading('lcov', 'hello', { lines: 1 })).outcome).toBe('errored')
    expect((await reading('jacoco', cobertura, { lines: 1 })).say).toContain('is not how a report of JaCoCo begins')
    expect((await reading('cobertura', '<coverage/>', { lines: 1 })).outcome).toBe('inconclusive')
    expect(
      (
        await reading('cobertura', cobertura.replaceAll(/branch="true" condition-coverage="[^"]*"/g, ''), {
          branches: 1,
        })
      ).outcome,
    ).toBe('inconclusive')
  })
})

const found = {
  sarif: {
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            rules: [
              { id: 'js/sql', properties: { 'security-severity': '9.8' } },
              { id: 'js/x', defaultConfiguration: { level: 'note' } },
            ],
          },
        },
        versionControlProvenance: [{ revisionId: 'abc123' }],
        results: [
          {
            ruleId: 'js/sql',
            level: 'error',
            message: { text: 'SQL from a request' },
            locations: [{ physicalLocation: { artifactLocation: { uri: 'src/db.ts' }, region: { startLine: 7 } } }],
          },
          { ruleIndex: 1, message: { text: 'x' } },
          { ruleId: 'js/sql', suppressions: [{ kind: 'inSource' }], message: { text: 'accepted' } },
          { ruleId: 'js/sql', kind: 'pass', message: { text: 'fine' } },
        ],
      },
    ],
  },
  'npm-audit': {
    auditReportVersion: 2,
    vulnerabilities: {
      qs: {
        severity: 'critical',
        via: [
          {
            source: 1,
            name: 'qs',
            title: 'Prototype pollution',
            url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
            severity: 'critical',
          },
        ],
      },
      express: { severity: 'critical', via: ['qs'] },
    },
  },
  'pip-audit': {
    dependencies: [
      {
        name: 'jinja2',
        version: '2.0',
        vulns: [{ id: 'PYSEC-1', aliases: ['CVE-2026-1'], description: 'Escape\nmore' }],
      },
      { name: 'ok', version: '1', vulns: [] },
    ],
  },
  'cargo-audit': {
    vulnerabilities: {
      found: true,
      count: 1,
      list: [
        {
          advisory: { id: 'RUSTSEC-1', title: 'Overflow', severity: 'high' },
          package: { name: 'hyper', version: '0.1.0' },
        },
      ],
    },
    warnings: { unmaintained: [{ package: { name: 'old', version: '1.0.0' }, advisory: null }] },
  },
  trivy: {
    SchemaVersion: 2,
    Results: [
      {
        Target: 'shop:1',
        Vulnerabilities: [{ VulnerabilityID: 'CVE-1', PkgName: 'openssl', Severity: 'CRITICAL', Title: 'Heap' }],
        Misconfigurations: [{ ID: 'DS002', Status: 'PASS', Severity: 'HIGH' }],
      },
    ],
  },
  zap: {
    site: [
      {
        '@name': 'https://shop.example',
        alerts: [
          { pluginid: '40012', alertRef: '40012-1', riskcode: '3', confidence: '2', name: 'XSS' },
          { pluginid: '1', riskcode: '3', confidence: '0', name: 'false' },
        ],
      },
    ],
  },
  bandit: {
    errors: [],
    results: [
      {
        test_id: 'B602',
        test_name: 'shell',
        issue_severity: 'HIGH',
        filename: 'a.py',
        line_number: 3,
        issue_text: 'shell=True',
      },
    ],
  },
}

describe('findings', () => {
  test.each([
    ['sarif', '1 critical, at most 0: js/sql src/db.ts:7 SQL from a request', 2],
    ['npm-audit', '1 critical, at most 0: GHSA-aaaa-bbbb-cccc qs Prototype pollution', 1],
    ['pip-audit', '1 unknown, at most 0: PYSEC-1 jinja2 2.0 Escape', 1],
    ['cargo-audit', '1 high, at most 0: RUSTSEC-1 hyper 0.1.0 Overflow', 2],
    ['trivy', '1 critical, at most 0: CVE-1 openssl in shop:1 Heap', 1],
    ['zap', '1 high, at most 0: 40012-1 https://shop.example XSS', 1],
    ['bandit', '1 high, at most 0: B602 a.py:3 shell=True', 1],
  ] as const)(
    'of %s are told with their place, and none is let through unless the checklist says so',
    async (format, say, findings) => {
      expect(await reading(format, found[format])).toMatchObject({ outcome: 'failed', say, facts: { findings } })
      const generous = { max: { critical: 5, high: 5, unknown: 5 } }
      expect((await reading(format, found[format], generous)).outcome).toBe('passed')
    },
  )

  test('accepted by name count again when their day is over, and that is said', async () => {
    const allow = (until: string) => ({ allow: [{ id: 'CVE-1', reason: 'not reachable', until }] })
    expect(await reading('trivy', found.trivy, allow('2026-11-21'))).toMatchObject({
      outcome: 'passed',
      say: 'nothing was found, and 1 accepted by name',
    })
    expect((await reading('trivy', found.trivy, allow('2026-11-20'))).say).toContain(
      'no longer accepted: CVE-1 (until 2026-11-20)',
    )
    expect(
      (
        await reading('pip-audit', found['pip-audit'], {
          allow: [{ id: 'CVE-2026-1', reason: 'x', until: '2027-01-01' }],
        })
      ).outcome,
    ).toBe('passed')
  })

  test('a severity that nobody knows is never taken for harmless', async () => {
    const strange = {
      SchemaVersion: 3,
      Results: [
        { Target: 'x', Vulnerabilities: [{ VulnerabilityID: 'CVE-9', PkgName: 'p', Severity: 'APOCALYPTIC' }] },
      ],
    }
    expect((await reading('trivy', strange)).say).toContain('1 unknown, at most 0')
  })

  test('an answer that the scanner could not look is no report without findings', async () => {
    expect((await reading('npm-audit', { error: { code: 'ENOLOCK', summary: 'needs a lock file' } })).say).toContain(
      'an error: needs a lock file',
    )
    expect(
      (await reading('npm-audit', { auditReportVersion: 2, vulnerabilities: { a: { via: ['b'] } } })).outcome,
    ).toBe('errored')
    expect((await reading('pip-audit', { dependencies: [{ name: 'x', skip_reason: 'not on PyPI' }] })).outcome).toBe(
      'failed',
    )
    expect(
      (await reading('bandit', { results: [], errors: [{ filename: 'b.py', reason: 'syntax error' }] })).outcome,
    ).toBe('failed')
    expect((await reading('trivy', '[]')).outcome).toBe('errored')
  })

  test('of several files the one that cannot be read is named', async () => {
    writeFileSync(join(root, 'a.sarif'), JSON.stringify(found.sarif))
    writeFileSync(join(root, 'b.sarif'), '{}')
    const both = await runCheck(report as never, { format: 'sarif', path: '*.sarif' }, { root, clock })
    expect(both.say).toBe('the report b.sarif cannot be read: it is no report of SARIF: there is no "runs"')
  })

  test.each([
    ['sarif', { runs: [] }, 'it holds no run of a tool'],
    ['sarif', { runs: [{ tool: { driver: { name: 'CodeQL' } } }] }, 'CodeQL tells no results'],
    ['sarif', { runs: [{ invocations: [{ executionSuccessful: false }], results: [] }] }, 'did not come to its end'],
    [
      'npm-audit',
      { auditReportVersion: 2, vulnerabilities: {}, metadata: { dependencies: { total: 0 } } },
      'it counts no dependency',
    ],
    ['pip-audit', { dependencies: [] }, 'it lists no dependency'],
    ['cargo-audit', { lockfile: { 'dependency-count': 0 }, vulnerabilities: { list: [] } }, 'it counts no dependency'],
    ['trivy', { SchemaVersion: 2 }, 'it lists no target'],
    ['zap', { site: [] }, 'it lists no site'],
    ['bandit', { errors: [], results: [], metrics: { _totals: { loc: 0 } } }, 'it counts no line of code'],
  ])('that %s looked at nothing is no report without findings', async (format, report, why) => {
    expect(await reading(format, report)).toMatchObject({ outcome: 'inconclusive', say: expect.stringContaining(why) })
  })

  test('of another commit are no findings of this one', async () => {
    const generous = { max: { critical: 1 } }
    expect((await reading('sarif', found.sarif, { ...generous, commit: 'abc123' })).outcome).toBe('passed')
    expect((await reading('sarif', found.sarif, { ...generous, commit: 'def' })).say).toBe(
      'the report is about commit abc123, expected def',
    )
  })

  test('of any JSON at all are a report or a fault in words, never a crash', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(findingsReaders) as (keyof typeof findingsReaders)[])),
        fc.json(),
        (format, text) => {
          try {
            findingsReaders[format](text)
          } catch (fault) {
            expect((fault as Error).name).toBe('ReportFault')
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('licences', () => {
  const npm = {
    'a@1.0.0': { licenses: 'MIT' },
    'b@2.0.0': { licenses: '(GPL-3.0 OR Apache-2.0)' },
    '@c/d@3.0.0': { licenses: 'GPL-3.0' },
  }

  test('of packages have to be among those that may be used', async () => {
    const result = await reading('licences', npm, { licences: ['MIT', 'Apache-2.0'] })
    expect(result).toMatchObject({
      outcome: 'failed',
      say: '1 of 3 packages under other licences: @c/d@3.0.0 (GPL-3.0)',
    })
    const allow = [{ id: '@c/d', reason: 'bought', until: '2027-01-01' }]
    expect((await reading('licences', npm, { licences: ['mit', 'Apache-2.0'], allow })).outcome).toBe('passed')
    const pip = [{ Name: 'x', Version: '1', License: 'MIT; BSD' }]
    expect((await reading('licences', pip, { licences: ['MIT'] })).outcome).toBe('failed')
    expect((await reading('licences', [], { licences: ['MIT'] })).outcome).toBe('errored')
  })

  test.each([
    ['MIT', true],
    ['MIT OR GPL-3.0', true],
    ['MIT AND GPL-3.0', false],
    ['GPL-3.0 OR MIT AND Apache-2.0', true],
    ['(GPL-3.0 OR MIT) AND LGPL-2.1', false],
    ['GPL-2.0 WITH Classpath-exception-2.0', true],
    ['GPL-2.0', false],
    ['MIT OR', false],
    ['(MIT', false],
    ['', false],
    ['SEE LICENSE IN x', false],
    ['MIT*', false],
  ])('the expression "%s"', (expression, allowed) => {
    expect(isAllowed(expression, new Set(['mit', 'apache-2.0', 'gpl-2.0 with classpath-exception-2.0']))).toBe(allowed)
  })
})

test('settings of another format are refused with the format that they are for', () => {
  const said = (config: object): string =>
    JSON.stringify(report.config.safeParse({ path: 'x', ...config }).error?.issues ?? 'accepted')
  expect(said({ format: 'lcov', lines: 80, 'max-failures': 1 })).toContain(
    'expected it only for tests, and lcov is about coverage',
  )
  expect(said({ format: 'lcov' })).toContain('expected a limit: lines, branches or each-file')
  expect(said({ format: 'trivy', commit: 'x' })).toContain('reports of trivy name no commit')
  expect(said({ format: 'trivy', allow: [{ id: 'x', reason: 'y' }] })).toContain('until')
  expect(said({ format: 'junit', 'min-tests': 3 })).toContain('accepted')
})
