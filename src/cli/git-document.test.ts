/** Checklists from a repository: one commit, its bytes, and nothing that only looks like them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFromGit } from './git-document.ts'

let url = ''
let first = ''
let second = ''

const git = (...args: readonly string[]) =>
  execFileSync('git', ['-C', url, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    encoding: 'utf8',
  }).trim()

function commit(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(url, name), text)
  git('add', '.')
  git('commit', '-q', '-m', 'change')
  return git('rev-parse', 'HEAD')
}

beforeAll(() => {
  url = mkdtempSync(join(tmpdir(), 'holdpoint-repository-'))
  git('init', '-q', '-b', 'main')
  first = commit({ 'RELEASE.md': 'one\n', 'holdpoint.yaml': 'shared: 1\n' })
  git('tag', '-a', 'v1', '-m', 'an annotated tag')
  symlinkSync('/etc/passwd', join(url, 'LINK.md'))
  second = commit({ 'RELEASE.md': 'two\n' })
  git('branch', 'both')
  git('tag', 'both')
})
afterAll(() => rmSync(url, { recursive: true, force: true }))

const read = (ref: string, path = 'RELEASE.md') => readFromGit({ url, ref, path })

test('a tag, a branch and a commit come to a full commit, its bytes, and what lies beside', async () => {
  const tag = await read('v1')
  expect(tag).toMatchObject({ ref: 'refs/tags/v1', commit: first, shared: 'shared: 1\n' })
  expect(tag.bytes.toString()).toBe('one\n')
  expect(await read('main')).toMatchObject({ ref: 'refs/heads/main', commit: second })
  expect((await read(first)).bytes.toString()).toBe('one\n')
  expect(await read('refs/heads/main')).toMatchObject({ commit: second })
})

test('a name that is a branch and a tag means neither until somebody says which', async () => {
  await expect(read('both')).rejects.toThrow('--ref refs/tags/both')
  expect(await read('refs/tags/both')).toMatchObject({ commit: second })
})

test('what is not there is said: a reference, a path, a commit, a repository', async () => {
  await expect(read('v9')).rejects.toThrow('has no branch and no tag "v9"')
  await expect(read('v1', 'docs/RELEASE.md')).rejects.toThrow('there is no docs/RELEASE.md')
  await expect(read('0'.repeat(40))).rejects.toThrow('has no commit')
  await expect(readFromGit({ url: join(url, 'nowhere'), ref: 'v1', path: 'RELEASE.md' })).rejects.toThrow(
    'cannot be read',
  )
})

test('a link in the repository is no checklist, and no path leads out of it', async () => {
  await expect(read('main', 'LINK.md')).rejects.toThrow('there is no LINK.md')
  for (const path of ['../RELEASE.md', '/etc/passwd', 'a//b', 'a/../../b'])
    await expect(read('main', path)).rejects.toThrow('expected a path inside the repository')
})
