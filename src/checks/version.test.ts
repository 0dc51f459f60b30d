import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { CheckResult } from '../core/ports/check.ts'
import { runCheck } from './parts/powers.fixture.ts'
import { bumpOf, readVersion } from './version-places/semantic.ts'
import { versionIn } from './version-places/manifest.ts'
import { version } from './version.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-version-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
mkdirSync(join(root, 'api'))
writeFileSync(join(root, 'package.json'), '{ "name": "shop", "version": "1.4.0" }')
writeFileSync(join(root, 'api', 'openapi.yaml'), 'openapi: 3.1.0\ninfo: { title: Shop, version: 1.4.0 }\n')
writeFileSync(join(root, 'CHANGELOG.md'), '# Changelog\n\n## v1.4.0 - 2026-11-20\n\n## 1.3.9\n')

const check = (config: Readonly<Record<string, unknown>>, given = '1.4.0', previous = '1.3.9'): Promise<CheckResult> =>
  runCheck(version as never, config, { root, variables: { version: given, previous } })

describe('a version', () => {
  test('stands in all manifests and the changelog, whether it is written with a v or not', async () => {
    const config = { files: ['package.json', 'api/openapi.yaml'], mentioned: ['CHANGELOG.md'] }
    expect(await check(config, 'v1.4.0')).toMatchObject({ outcome: 'passed', say: '1.4.0, in all 3 files' })
    expect((await check(config, '1.4.1')).say).toBe(
      '1.4.1: package.json says 1.4.0; api/openapi.yaml says 1.4.0; CHANGELOG.md does not mention it',
    )
  })

  test('is not taken for mentioned where a longer one stands', async () => {
    for (const given of ['1.4', '4.0', '11.4.0', '1.3.99'])
      expect((await check({ pattern: '.*', mentioned: ['CHANGELOG.md'] }, given)).outcome, given).toBe('failed')
    expect((await check({ mentioned: ['CHANGELOG.md'] }, '1.3.9')).outcome).toBe('passed')
  })

  test('comes after the one before, by a step that is allowed', async () => {
    const config = { after: '{{ previous }}', bump: ['patch', 'minor'] }
    expect(await check(config)).toMatchObject({
      outcome: 'passed',
      facts: { bump: 'minor' },
      say: '1.4.0 after 1.3.9, a minor',
    })
    expect((await check(config, '2.0.0')).say).toBe('2.0.0: after 1.3.9 it is a major step, expected patch or minor')
    expect((await check(config, '1.5.0')).say).toContain('a jump step')
    expect((await check(config, '1.3.9')).say).toBe('1.3.9: it does not come after 1.3.9')
    expect((await check(config, '1.3.8')).outcome).toBe('failed')
    expect((await check(config, '1.4.0', 'latest')).outcome).toBe('errored')
  })

  test('that is none fails, unless the checklist has a pattern of its own', async () => {
    expect((await check({}, '1.4')).say).toBe('1.4: it is no version, expected three numbers such as 1.4.0')
    expect((await check({ pattern: '20[0-9]{2}\\.[0-9]+' }, '2026.11')).outcome).toBe('passed')
    expect((await check({ pattern: '20[0-9]{2}' }, '2026.11')).say).toContain('does not match')
  })
})

test.each([
  ['Cargo.toml', '[package]\nname = "shop"\nversion = "1.4.0"\n'],
  ['Cargo.toml', '[workspace.package]\nversion = "1.4.0"\n'],
  ['pyproject.toml', '[project]\nname = "shop"\nversion = "1.4.0"\n'],
  ['pyproject.toml', '[tool.poetry]\nversion = "1.4.0"\n'],
  ['Chart.yaml', 'apiVersion: v2\nversion: 1.4.0\nappVersion: 9\n'],
  ['openapi.json', '{"openapi":"3.1.0","info":{"version":"1.4.0"}}'],
  [
    'Info.plist',
    '<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"><dict><key>CFBundleShortVersionString</key>\n<string>1.4.0</string></dict></plist>',
  ],
])('%s is read where such files have their version', (name, text) => {
  expect(versionIn(name, text)).toEqual({ version: '1.4.0' })
})

test('a place that the author names is the only one, and a number of YAML keeps its digits', () => {
  expect(versionIn('Chart.yaml', 'version: 1.0.0\nappVersion: 1.10\n', 'appVersion')).toEqual({ version: '1.10' })
  expect(versionIn('a.json', '{"version":"1"}', 'info.version')).toMatchObject({
    why: expect.stringContaining('info.version'),
  })
  expect(versionIn('a.json', '{')).toMatchObject({ why: expect.stringContaining('cannot be read') })
  expect(versionIn('a.json', '{"__proto__":{"version":"1"}}', 'constructor.name')).toHaveProperty('why')
})

test('the order of the specification, example by example', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
  ]
  for (const [at, one] of ordered.entries())
    for (const [other, text] of ordered.entries())
      expect([one, text, bumpOf(one, text)]).toEqual([
        one,
        text,
        at < other ? 'prerelease' : at === other ? 'none' : 'back',
      ])
  expect(bumpOf('1.0.0+1', '1.0.0+2')).toBe('none')
  expect(bumpOf('1.9.3', '2.0.0-rc.1')).toBe('major')
  expect(bumpOf('1.9.3', '1.10.0')).toBe('minor')
  for (const none of ['01.2.3', '1.2', '1.2.3.4', '1.2.3-', '1.2.3-01', 'v1.2.3', ''])
    expect(readVersion(none)).toBeNull()
})
