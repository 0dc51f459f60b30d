/** A hotfix is derived from a tag: the tag is there, this branch holds it, and the version is a patch of it. */
import { execFile } from 'node:child_process'
import type { Client } from '../api/client-types.ts'
import type { HotfixOrigin } from '../core/release/events.ts'
import { nextPatchOf, tripleOf } from '../core/release/release-type.ts'
import { Refused, UsageFault } from './faults.ts'

export interface Hotfix {
  readonly origin: HotfixOrigin
  readonly version: string
  /** The release that it mends is only watched any more: its watch ends when the hotfix begins. */
  readonly endsWatch: boolean
}

interface Asked {
  /** A release, or a tag. */
  readonly of: string
  /** null = propose one. */
  readonly version: string | null
  /** Folder of the repository. */
  readonly root: string
}

/** Throws UsageFault or Refused, with what is missing and the command that makes it. */
export async function hotfixOf(client: Pick<Client, 'show'>, { of, version, root }: Asked): Promise<Hotfix> {
  const released = await client.show(of)
  const base = released?.facts.releaseVersion ?? of
  const tag = await tagOf(root, released === null ? [of] : spellings(base), of, released === null)
  const commit = await git(root, ['rev-parse', '--verify', `refs/tags/${tag}^{commit}`])
  if (commit === null) throw new Refused(`the tag ${tag} names no commit`, 'git', 2)
  if ((await git(root, ['merge-base', '--is-ancestor', commit, 'HEAD'])) === null)
    throw new Refused(
      `this branch does not hold ${tag} (${commit.slice(0, 12)}): a hotfix is made from what was released. For example: git switch -c hotfix/${nextPatchOf(base) ?? base} ${tag}`,
      'git',
      2,
    )
  const chosen = version ?? (await proposed(root, base))
  refuseNoPatch(chosen, base)
  const phase = released?.phase
  return {
    origin: { release: released?.release ?? null, tag, commit },
    version: chosen,
    endsWatch: phase === 'validating' || phase === 'signed-off',
  }
}

function spellings(version: string): readonly string[] {
  return version.startsWith('v') ? [version, version.slice(1)] : [`v${version}`, version]
}

async function tagOf(root: string, names: readonly string[], of: string, isTag: boolean): Promise<string> {
  if ((await git(root, ['rev-parse', '--git-dir'])) === null)
    throw new Refused(`${root} lies in no git repository: a hotfix is derived from a tag of one`, 'git', 2)
  for (const name of names)
    if ((await git(root, ['show-ref', '--verify', '--quiet', `refs/tags/${name}`])) !== null) return name
  const [first = of] = names
  throw new Refused(
    isTag
      ? `there is no release and no tag "${of}"; see: holdpoint release list, git tag --list`
      : `${of} has no tag here: looked for ${names.join(' and ')}. Fetch it (git fetch --tags), or tag what was released: git tag -a ${first} COMMIT`,
    'git',
    2,
  )
}

/** The next patch that no tag has taken. */
async function proposed(root: string, base: string): Promise<string> {
  let next = nextPatchOf(base)
  for (let tries = 0; next !== null && tries < 100; tries += 1) {
    const taken = await Promise.all(
      spellings(next).map((name) => git(root, ['show-ref', '--verify', '--quiet', `refs/tags/${name}`])),
    )
    if (taken.every((found) => found === null)) return next
    next = nextPatchOf(next)
  }
  throw new UsageFault(`"${base}" is no version that has a next patch: say which it is to be, with --version`)
}

function refuseNoPatch(version: string, base: string): void {
  const [now, before] = [tripleOf(version), tripleOf(base)]
  if (!now || !before) return
  const isPatch = now[0] === before[0] && now[1] === before[1] && now[2] > before[2]
  if (!isPatch)
    throw new UsageFault(
      `--version is "${version}", which is no patch of ${base}: expected ${before[0]}.${before[1]}.N with a greater N, for example --version ${nextPatchOf(base)}`,
    )
}

/** What git says; null = it said no. */
function git(cwd: string, args: readonly string[]): Promise<string | null> {
  return new Promise((settle) => {
    execFile('git', args, { cwd, timeout: 20_000 }, (fault, stdout) => settle(fault ? null : stdout.trim()))
  })
}
