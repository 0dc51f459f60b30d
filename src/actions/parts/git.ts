/** Git as actions use it: without prompts, hooks and pagers, and with its own words when it refuses. */
import { ActionFault, type ActionPowers, type ProgramEnd } from '../../core/ports/action.ts'
import { z } from 'zod'

/** A name that git can never take for an option. */
export const nameField = z
  .string()
  .min(1)
  .refine((text) => !text.startsWith('-'), { error: 'expected a name that does not begin with -' })

const quiet = { GIT_TERMINAL_PROMPT: '0', GIT_PAGER: 'cat', LC_ALL: 'C' }
const plain = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false']

export function askGit(powers: ActionPowers, ...words: readonly string[]): Promise<ProgramEnd> {
  return powers.program('git', [...plain, ...words], { env: quiet })
}

/** What it prints; throws what it says where it refuses. */
export async function git(powers: ActionPowers, ...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await askGit(powers, ...words)
  if (exitCode === 0) return stdout.trim()
  throw new ActionFault(`git ${words[0]} ended with ${exitCode}: ${stderr.trim().split('\n')[0] ?? ''}`)
}

/** The commit that a name leads to; null = there is none of that name. */
export async function commitOf(powers: ActionPowers, name: string): Promise<string | null> {
  const { exitCode, stdout } = await askGit(
    powers,
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${name}^{commit}`,
  )
  return exitCode === 0 ? stdout.trim() : null
}

/** For `doctor`: it runs in a repository. */
export async function askHere(powers: ActionPowers): Promise<string> {
  return `the repository is at ${(await git(powers, 'rev-parse', '--short', 'HEAD')).slice(0, 12)}`
}

/** For `doctor`: a remote lets in who would push there; nothing is sent. */
export async function askRemote(powers: ActionPowers, remote: string): Promise<string> {
  await git(powers, 'push', '--dry-run', '--porcelain', '--', remote, 'HEAD:refs/heads/holdpoint-asks')
  return `${remote} lets in`
}

/** The object that a reference has at a remote; null = it is not there. Of an annotated tag the commit it names. */
export async function remoteRef(powers: ActionPowers, remote: string, ref: string): Promise<string | null> {
  const listed = await git(powers, 'ls-remote', '--', remote, ref, `${ref}^{}`)
  return listed.split('\n').at(-1)?.split('\t')[0] || null
}
