/** `yaml run kind: git-push`: one branch or one tag at a remote, only ever moved forward. */
import { z } from 'zod'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { askGit, askRemote, commitOf, git, nameField, remoteRef } from './parts/git.ts'

const config = z
  .strictObject({
    remote: nameField.default('origin').describe('Where it goes'),
    branch: nameField.optional().describe('Name of the branch there'),
    tag: nameField.optional().describe('Or name of a tag that is here'),
    commit: nameField.optional().describe('With `branch`: what it names afterwards; the branch of that name here'),
  })
  .refine((given) => (given.branch === undefined) !== (given.tag === undefined), {
    error: 'expected branch or tag, one of them',
  })
  .refine((given) => given.commit === undefined || given.branch !== undefined, {
    error: 'expected branch beside commit: a tag names its own',
    path: ['commit'],
  })

type Config = z.infer<typeof config>

export const gitPush = defineAction({
  kind: 'git-push',
  summary: 'One branch or one tag at a remote, only ever moved forward',
  config,
  timeoutMs: 120_000,
  example: '```yaml run\nkind: git-push\nbranch: main\nirreversible: others may have fetched it\n```',
  captures: ['pushed_commit'],
  programs: ['git'],
  async run(given, powers) {
    const { remote } = given
    const { here, there, ref, name } = await ends(given, powers)
    powers.capture('pushed_commit', here)
    if (there === here) return `${remote} has ${name} already, at ${here.slice(0, 10)}`
    if (there !== null) await expectForward(here, there, given, name, powers)
    // Without force: the remote itself refuses what would go back, whoever was faster.
    await git(powers, 'push', '--porcelain', '--', remote, given.tag === undefined ? `${here}:${ref}` : `${ref}:${ref}`)
    return `pushed ${name} to ${remote}: ${there === null ? 'new' : there.slice(0, 10)} to ${here.slice(0, 10)}`
  },
  ask: ({ remote }, powers) => askRemote(powers, remote),
  async probe(given, powers) {
    const { here, there } = await ends(given, powers)
    return here === there
  },
})

interface Ends {
  readonly here: string
  readonly there: string | null
  readonly ref: string
  readonly name: string
}

async function ends(given: Config, powers: ActionPowers): Promise<Ends> {
  const { branch, tag, remote } = given
  const ref = branch === undefined ? `refs/tags/${tag ?? ''}` : `refs/heads/${branch}`
  const name = branch ?? tag ?? ''
  const { exitCode } = await askGit(powers, 'check-ref-format', ref)
  if (exitCode !== 0) throw new ActionFault(`"${name}" is no name for a branch or tag`)
  const from = given.commit ?? ref
  const here = await commitOf(powers, from)
  if (here === null)
    throw new ActionFault(
      given.commit === undefined
        ? `there is no ${branch === undefined ? 'tag' : 'branch'} ${name}`
        : `there is no commit ${from}`,
    )
  return { here, there: await remoteRef(powers, remote, ref), ref, name }
}

async function expectForward(
  here: string,
  there: string,
  { tag, remote }: Config,
  name: string,
  powers: ActionPowers,
): Promise<void> {
  if (tag !== undefined)
    throw new ActionFault(
      `${remote} has the tag ${name} at ${there.slice(0, 10)}, not ${here.slice(0, 10)}; a tag is not moved`,
    )
  const known = await commitOf(powers, there)
  if (known === null) throw new ActionFault(`${remote} has commits of ${name} that are not here; fetch them first`)
  const { exitCode } = await askGit(powers, 'merge-base', '--is-ancestor', there, here)
  if (exitCode !== 0)
    throw new ActionFault(
      `${name} is at ${there.slice(0, 10)} at ${remote}, from which ${here.slice(0, 10)} does not go forward`,
    )
}
