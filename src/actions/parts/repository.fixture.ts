/** A git repository with one commit, and a bare one that it pushes to. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActionWorld } from '../actions.contract.ts'

export interface Repository {
  readonly here: string
  readonly remote: string
  /** Who commits, for processes that have no settings of their own. */
  readonly env: Readonly<Record<string, string>>
  readonly git: (...words: readonly string[]) => string
  readonly commit: (file: string, text: string) => string
  /** Every reference of both, with what it names. */
  readonly refs: () => string
  readonly end: () => void
}

/** A repository for the contract of actions, at version 1.4.0: what may not change a second time are its references. */
export function repositoryWorld(config: ActionWorld['config']): ActionWorld {
  const { here, env, refs, end } = repository()
  return { cwd: here, env, variables: { version: '1.4.0' }, config, state: refs, end }
}

export function repository(): Repository {
  const base = mkdtempSync(join(tmpdir(), 'holdpoint-repository-'))
  const here = join(base, 'here')
  const remote = join(base, 'remote.git')
  const env = {
    GIT_AUTHOR_NAME: 'Ana',
    GIT_AUTHOR_EMAIL: 'ana@example.com',
    GIT_COMMITTER_NAME: 'Ana',
    GIT_COMMITTER_EMAIL: 'ana@example.com',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  }
  const git = (...words: readonly string[]): string =>
    execFileSync('git', words, { cwd: here, encoding: 'utf8', stdio: 'pipe', env: { ...process.env, ...env } }).trim()
  const commit = (file: string, text: string): string => {
    writeFileSync(join(here, file), text)
    git('add', '--all')
    git('commit', '--quiet', '--message', file)
    return git('rev-parse', 'HEAD')
  }
  mkdirSync(here)
  execFileSync('git', ['init', '--quiet', '--bare', remote])
  git('init', '--quiet', '--initial-branch=main')
  git('remote', 'add', 'origin', remote)
  commit('shop.ts', 'one\n')
  git('push', '--quiet', 'origin', 'main')
  return {
    here,
    remote,
    env,
    git,
    commit,
    refs: () => `${git('for-each-ref')}\n${git('ls-remote', 'origin')}`,
    end: () => rmSync(base, { recursive: true, force: true }),
  }
}
