import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { git, matchesPath } from './git.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

const base = mkdtempSync(join(tmpdir(), 'holdpoint-git-'))
const remote = join(base, 'remote.git')
const here = join(base, 'here')
afterAll(() => rmSync(base, { recursive: true, force: true }))

function run(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...args], { cwd: here, encoding: 'utf8', stdio: 'pipe' }).trim()
}

function commit(file: string, text: string): string {
  mkdirSync(join(here, file, '..'), { recursive: true })
  writeFileSync(join(here, file), text)
  run('add', '--all')
  run('commit', '--quiet', '--message', file)
  return run('rev-parse', 'HEAD')
}

const check = (config: Readonly<Record<string, unknown>>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(git as never, { cwd: here, ...config }, powers)

beforeAll(() => mkdirSync(here))
beforeEach(() => {
  rmSync(here, { recursive: true })
  rmSync(remote, { recursive: true, force: true })
  mkdirSync(here)
  execFileSync('git', ['init', '--quiet', '--bare', remote])
  run('init', '--quiet')
  run('remote', 'add', 'origin', remote)
  commit('shop.ts', 'let a = 1\n')
  run('push', '--quiet', 'origin', 'main')
})

describe('a repository', () => {
  test('is clean until something is changed, staged or new', async () => {
    expect(await check({ clean: true })).toMatchObject({ outcome: 'passed', facts: { clean: true, branch: 'main' } })
    writeFileSync(join(here, 'new file ä.txt'), '')
    const result = await check({ clean: true })
    expect(result).toMatchObject({ outcome: 'failed', facts: { clean: false } })
    expect(result.say).toContain('changed and not committed: ?? new file ä.txt')
  })

  test('is on the branch that a pattern names as a whole', async () => {
    expect((await check({ branch: 'main|release/.*' })).outcome).toBe('passed')
    expect((await check({ branch: 'mai' })).say).toBe('the branch is main, expected mai')
    run('checkout', '--quiet', '--detach')
    expect((await check({ branch: 'main' })).say).toBe('no branch is checked out, expected main')
  })

  test('misses nothing of another branch, or says how many commits', async () => {
    expect(await check({ 'up-to-date-with': 'origin/main' })).toMatchObject({ outcome: 'passed', facts: { behind: 0 } })
    commit('b.ts', 'b\n')
    commit('c.ts', 'c\n')
    run('push', '--quiet', 'origin', 'main')
    run('reset', '--quiet', '--hard', 'HEAD~2')
    const result = await check({ 'up-to-date-with': 'origin/main' })
    expect(result).toMatchObject({
      outcome: 'failed',
      say: '2 commits of origin/main missing',
      facts: { behind: 2, ahead: 0 },
    })
  })

  test('merges with a branch, or names the files in conflict, and is left as it was', async () => {
    run('checkout', '--quiet', '-b', 'other')
    commit('shop.ts', 'let a = 2\n')
    run('checkout', '--quiet', 'main')
    expect((await check({ 'merges-with': 'other' })).outcome).toBe('passed')
    commit('shop.ts', 'let a = 3\n')
    const before = run('status', '--porcelain') + run('rev-parse', 'HEAD')
    expect((await check({ 'merges-with': 'other' })).say).toContain('in conflict with other: shop.ts')
    expect(run('status', '--porcelain') + run('rev-parse', 'HEAD')).toBe(before)
  })

  test('holds no conflict markers, and a rule of a heading is none', async () => {
    commit('a.md', 'Title\n=======\n')
    expect((await check({ 'no-conflict-markers': true })).outcome).toBe('passed')
    commit('b.md', '<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> other\n')
    expect((await check({ 'no-conflict-markers': true })).say).toBe('with what a conflict leaves behind: b.md')
  })

  test('has an annotated tag on what is checked out, which the remote has too', async () => {
    const asked = { tag: 'v{{ version }}', pushed: 'origin' }
    const variables = { version: '1.4.0' }
    expect((await check(asked, { variables })).say).toContain('there is no tag v1.4.0')
    run('tag', 'v1.4.0')
    expect((await check({ tag: 'v1.4.0' })).say).toBe('the tag v1.4.0 is not annotated')
    expect((await check({ tag: 'v1.4.0', annotated: false })).outcome).toBe('passed')
    run('tag', '--force', '--annotate', 'v1.4.0', '--message', 'v1.4.0')
    expect((await check(asked, { variables })).say).toBe('origin does not have the tag v1.4.0')
    run('push', '--quiet', 'origin', 'v1.4.0')
    expect(await check(asked, { variables })).toMatchObject({ outcome: 'passed', facts: { tag_annotated: true } })
    commit('later.ts', 'x\n')
    expect((await check(asked, { variables })).say).toMatch(/^the tag v1.4.0 names \w{10}, and \w{10} is checked out/)
  })

  test('is pushed when the remote has the branch at the same commit', async () => {
    expect((await check({ pushed: 'origin' })).outcome).toBe('passed')
    commit('later.ts', 'x\n')
    expect((await check({ pushed: 'origin' })).say).toMatch(/^origin has the branch main at \w{10}, here it is \w{10}$/)
    run('checkout', '--quiet', '-b', 'fresh')
    expect((await check({ pushed: 'origin' })).say).toBe('origin does not have the branch fresh')
  })

  test('says what changed since a tag, and fails for what had to change or had not to', async () => {
    run('tag', 'v1.0.0')
    commit('CHANGELOG.md', 'news\n')
    commit('db/migrations/001.sql', 'select 1;\n')
    const since = { 'changed-since': 'v1.0.0' }
    expect(await check({ ...since, changed: ['CHANGELOG.md'] })).toMatchObject({
      outcome: 'passed',
      facts: { changed: ['CHANGELOG.md', 'db/migrations/001.sql'] },
    })
    expect((await check({ ...since, changed: ['docs/**'] })).say).toBe('none of docs/** changed since v1.0.0')
    expect((await check({ ...since, unchanged: ['db/**'] })).say).toBe('changed since v1.0.0: db/migrations/001.sql')
    expect(await check({ ...since, unchanged: ['migratons/**'] })).toMatchObject({
      outcome: 'inconclusive',
      say: 'no file of the repository matches migratons/**: nothing was compared',
    })
  })

  test('what cannot be known is no pass: a name that is not there, a folder that is none', async () => {
    expect(await check({ 'up-to-date-with': 'origin/gone' })).toMatchObject({
      outcome: 'errored',
      say: 'git did not answer: there is no commit, branch or tag origin/gone here; fetch it first',
    })
    expect(await check({ clean: true, cwd: base })).toMatchObject({
      outcome: 'errored',
      say: expect.stringContaining('not a git repository'),
    })
    expect(await check({ pushed: 'nowhere' })).toMatchObject({ outcome: 'errored' })
  })

  test('a value is never a command or an option, and no hook of the repository runs', async () => {
    const proof = join(base, 'ran')
    writeFileSync(join(here, '.git', 'hooks', 'fsmonitor'), `#!/bin/sh\ntouch ${proof}\n`, { mode: 0o755 })
    run('config', 'core.fsmonitor', join(here, '.git', 'hooks', 'fsmonitor'))
    for (const version of [`$(touch ${proof})`, `; touch ${proof}`, `--upload-pack=touch ${proof}`])
      expect((await check({ clean: true, tag: '{{ version }}' }, { variables: { version } })).outcome).not.toBe(
        'passed',
      )
    expect(
      (await check({ clean: true, pushed: '{{ r }}' }, { variables: { r: `--upload-pack=touch ${proof}` } })).outcome,
    ).toBe('errored')
    expect(() => execFileSync('test', ['-e', proof])).toThrow()
  })

  test('its evidence names every file', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) writeFileSync(join(here, name), '')
    appendFileSync(join(here, 'shop.ts'), 'x')
    const result = await check({ clean: true })
    expect(result.say).toContain('and 3 more')
    expect(evidenceText(result)).toContain('dirty: ?? e')
  })
})

test.each([
  ['*.md', 'docs/a.md', true],
  ['*.md', 'a.mdx', false],
  ['docs/**', 'docs/a/b.txt', true],
  ['docs/*', 'docs/a/b.txt', false],
  ['**/schema.sql', 'schema.sql', true],
  ['**/schema.sql', 'db/schema.sql', true],
  ['/a.md', 'b/a.md', false],
  ['db/', 'db/x/y', true],
  ['a+b.ts', 'a+b.ts', true],
  ['a+b.ts', 'aab.ts', false],
])('the pattern %s and the file %s', (pattern, file, matches) => {
  expect(matchesPath(pattern, file)).toBe(matches)
})
