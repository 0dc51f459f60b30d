/** `holdpoint lint` as people and machines call it: what is printed where, and the exit codes. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-lint-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function lint(text: string, ...options: readonly string[]) {
  writeFileSync(join(folder, 'release.md'), text)
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'lint', 'release.md', ...options], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr, text: readFileSync(join(folder, 'release.md'), 'utf8') }
}

const ours = '---\nholdpoint: 1\n---\n# Shop\n\n- [ ] Fine\n  ```sh check\n  curl -s http://localhost:1/\n  ```\n'
const theirs = '# Shop\n\nWe deploy.\n\n- [ ] On the right branch (usually `main`)\n'

test("a team's own document is looked at without being asked to be a plan", () => {
  const { code, out, err } = lint(theirs)
  expect(code).toBe(1)
  expect(out).toMatch(/^release\.md:5:1 {2}warning: .*\[vague-branch\]\n {2}expected .*\n {2}for example /)
  expect(err).toContain('holdpoint import release.md')
  expect(lint('# Shop\n\nWe deploy.\n').code).toBe(0)
})

test('--json says whether the document declares itself, and prints nothing else', () => {
  const { code, out } = lint(theirs, '--json')
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    file: 'release.md',
    declared: false,
    fixed: [],
    problems: [{ code: 'vague-branch', line: 5 }],
  })
})

test('--fix writes the file and says what it did; without it nothing is written', () => {
  expect(lint(ours).text).toBe(ours)
  const { code, err, text } = lint(ours, '--fix')
  expect(code).toBe(0)
  expect(err).toContain('release.md:8  mended: curl became curl --fail  [curl-without-fail]')
  expect(text).toBe(ours.replace('curl -s', 'curl --fail -s'))
})

test('--sarif prints one SARIF document with the exit code of the findings, and excludes --json', () => {
  const { code, out } = lint(ours, '--sarif')
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    version: '2.1.0',
    runs: [{ results: [{ ruleId: 'curl-without-fail', level: 'warning' }] }],
  })
  const both = lint(ours, '--sarif', '--json')
  expect(both.code).toBe(2)
  expect(both.out + both.err).toContain('holdpoint lint RELEASE.md --sarif')
})
