/** Against real git repositories: the tag is there or it is not, and the branch holds it or it does not. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hotfixOf } from './hotfix.ts'

let root: string

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
const commit = (words: string) => git('commit', '-q', '--allow-empty', '-m', words)

const released = (version: string, phase: string) => ({
  show: (id: string) =>
    Promise.resolve(
      id === 'shop-1' ? ({ release: 'shop-1', phase, facts: { releaseVersion: version } } as never) : null,
    ),
})
const nobody = { show: () => Promise.resolve(null) }
const asked = (of: string, version: string | null = null) => ({ of, version, root })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdpoint-hotfix-'))
  git('init', '-q', '-b', 'main')
  commit('released')
  git('tag', 'v1.4.2')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a hotfix of a tag names the commit it was derived from and proposes the next patch that is free', async () => {
  commit('mended')
  const tagged = git('rev-parse', 'v1.4.2^{commit}')
  expect(await hotfixOf(nobody, asked('v1.4.2'))).toEqual({
    origin: { release: null, tag: 'v1.4.2', commit: tagged },
    version: 'v1.4.3',
    endsWatch: false,
  })
  git('tag', 'v1.4.3')
  expect((await hotfixOf(nobody, asked('v1.4.2'))).version).toBe('v1.4.4')
})

test('a hotfix of a release finds its tag, spelled either way, and ends its watch', async () => {
  expect(await hotfixOf(released('1.4.2', 'validating'), asked('shop-1'))).toMatchObject({
    origin: { release: 'shop-1', tag: 'v1.4.2' },
    version: '1.4.3',
    endsWatch: true,
  })
  expect((await hotfixOf(released('1.4.2', 'closed'), asked('shop-1'))).endsWatch).toBe(false)
})

test('an annotated tag is as good as a plain one', async () => {
  git('tag', '-a', 'v1.5.0', '-m', 'next')
  expect((await hotfixOf(nobody, asked('v1.5.0'))).origin.commit).toBe(git('rev-parse', 'HEAD'))
})

test('what is neither a release nor a tag is refused, and so is a release without its tag', async () => {
  await expect(hotfixOf(nobody, asked('v9.9.9'))).rejects.toThrow('there is no release and no tag "v9.9.9"')
  await expect(hotfixOf(released('2.0.0', 'closed'), asked('shop-1'))).rejects.toThrow(
    'shop-1 has no tag here: looked for v2.0.0 and 2.0.0',
  )
})

test('a branch that does not hold the tag is refused, with the command that makes one', async () => {
  git('switch', '-q', '--orphan', 'elsewhere')
  commit('something else')
  await expect(hotfixOf(nobody, asked('v1.4.2'))).rejects.toThrow(
    /this branch does not hold v1\.4\.2 .* git switch -c hotfix\/v1\.4\.3 v1\.4\.2/,
  )
})

test('a version that is no patch of what it mends is refused', async () => {
  await expect(hotfixOf(nobody, asked('v1.4.2', 'v1.5.0'))).rejects.toThrow('which is no patch of v1.4.2')
  await expect(hotfixOf(nobody, asked('v1.4.2', 'v1.4.2'))).rejects.toThrow('for example --version v1.4.3')
  expect((await hotfixOf(nobody, asked('v1.4.2', 'v1.4.7'))).version).toBe('v1.4.7')
})

test('a folder outside of any repository is refused', async () => {
  const bare = mkdtempSync(join(tmpdir(), 'holdpoint-no-git-'))
  await expect(hotfixOf(nobody, { of: 'v1', version: null, root: bare })).rejects.toThrow('lies in no git repository')
  rmSync(bare, { recursive: true })
})
