import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'
import { repository, type Repository } from './parts/repository.fixture.ts'

let world: Repository
beforeEach(() => {
  world = repository()
})
afterEach(() => world.end())

const act = (config: Readonly<Record<string, string>>): Promise<ActionEnd> =>
  runActionProcess(
    'git-branch',
    'run',
    { branch: 'old', remote: 'origin', ...config },
    { cwd: world.here, env: world.env },
  )

test('a branch that is at another commit is never moved, and one that is checked out is never put away', async () => {
  world.git('branch', 'old')
  world.commit('later.ts', 'x\n')
  expect((await act({})).stderr).toContain('a branch is not moved')
  expect((await act({ branch: 'main', archive: 'kept', remote: 'origin' })).exitCode).toBe(1)
  expect(world.git('tag')).toBe('')
})

test('a branch that is put away is kept as a tag, here and at the remote, and doing it again does nothing', async () => {
  const end = world.git('rev-parse', 'HEAD')
  expect((await act({})).exitCode).toBe(0)
  expect(await act({ archive: 'archive/old' })).toMatchObject({ exitCode: 0, captured: { branch_commit: end } })
  expect(world.git('ls-remote', 'origin', 'refs/heads/old', 'refs/tags/archive/old^{}')).toBe(
    `${end}\trefs/tags/archive/old^{}`,
  )
  expect(world.git('branch', '--list', 'old')).toBe('')
  expect((await act({ archive: 'archive/old' })).stdout).toContain('put away already')
})
