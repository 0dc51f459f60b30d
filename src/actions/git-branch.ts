/** `yaml run kind: git-branch`: a branch at a commit, here and at a remote; or one put away: a tag keeps its end, and it is deleted. */
import { z } from 'zod'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { askGit, askHere, askRemote, commitOf, git, nameField, remoteRef } from './parts/git.ts'

const config = z.strictObject({
  branch: nameField.describe('Name of the branch'),
  commit: nameField.default('HEAD').describe('Where it begins'),
  remote: nameField.optional().describe('Remote that has it as well; never forced'),
  archive: nameField
    .optional()
    .describe('Instead: tag that keeps its end, such as archive/release-{{ version }}; then the branch is deleted'),
})

type Config = z.infer<typeof config>

export const gitBranch = defineAction({
  kind: 'git-branch',
  summary: 'A branch at a commit, here and at a remote; or one kept as a tag and deleted',
  config,
  timeoutMs: 120_000,
  example: '```yaml run\nkind: git-branch\nbranch: release/{{ version }}\nremote: origin\n```',
  captures: ['branch_commit'],
  programs: ['git'],
  async run(given, powers) {
    await expectName(powers, `refs/heads/${given.branch}`)
    return given.archive === undefined ? create(given, powers) : putAway(given, given.archive, powers)
  },
  ask: async ({ remote }, powers) => (remote === undefined ? askHere(powers) : askRemote(powers, remote)),
  async probe(given, powers) {
    const { here, there } = await endsOf(given, powers)
    if (given.archive !== undefined) return here === null && there === null && isKept(given, given.archive, powers)
    const commit = await commitOf(powers, given.commit)
    return commit !== null && here === commit && (given.remote === undefined || there === commit)
  },
})

interface Ends {
  readonly here: string | null
  readonly there: string | null
}

async function endsOf({ branch, remote }: Config, powers: ActionPowers): Promise<Ends> {
  const ref = `refs/heads/${branch}`
  const there = remote === undefined ? null : await remoteRef(powers, remote, ref)
  return { here: await commitOf(powers, ref), there }
}

async function expectName(powers: ActionPowers, ref: string): Promise<void> {
  const { exitCode } = await askGit(powers, 'check-ref-format', ref)
  if (exitCode !== 0) throw new ActionFault(`"${ref.split('/').slice(2).join('/')}" is no name for a branch or tag`)
}

async function create(given: Config, powers: ActionPowers): Promise<string> {
  const { branch, remote } = given
  const commit = await commitOf(powers, given.commit)
  if (commit === null) throw new ActionFault(`there is no commit ${given.commit}`)
  const { here, there } = await endsOf(given, powers)
  for (const [at, where] of [
    [here, 'here'],
    [there, `at ${remote}`],
  ] as const)
    if (at !== null && at !== commit)
      throw new ActionFault(
        `${branch} is at ${at.slice(0, 10)} ${where}, not ${commit.slice(0, 10)}; a branch is not moved`,
      )
  const ref = `refs/heads/${branch}`
  // Only where it is not there: the empty value says so to git.
  if (here === null) await git(powers, 'update-ref', ref, commit, '0'.repeat(commit.length))
  if (remote !== undefined && there === null) await git(powers, 'push', '--porcelain', '--', remote, `${ref}:${ref}`)
  powers.capture('branch_commit', commit)
  const isNew = here === null || (remote !== undefined && there === null)
  return `${branch} ${isNew ? 'made' : 'was there already'}, at ${commit.slice(0, 10)}${remote === undefined ? '' : `, also at ${remote}`}`
}

async function isKept({ remote }: Config, tag: string, powers: ActionPowers): Promise<boolean> {
  if ((await commitOf(powers, `refs/tags/${tag}`)) === null) return false
  return remote === undefined || (await remoteRef(powers, remote, `refs/tags/${tag}`)) !== null
}

async function putAway(given: Config, tag: string, powers: ActionPowers): Promise<string> {
  const { branch, remote } = given
  await expectName(powers, `refs/tags/${tag}`)
  const { here, there } = await endsOf(given, powers)
  const end = here ?? there
  if (end === null) {
    if (await isKept(given, tag, powers)) return `${branch} was put away already, as ${tag}`
    throw new ActionFault(`there is no branch ${branch}`)
  }
  if (here !== null && there !== null && here !== there)
    throw new ActionFault(`${branch} is at ${here.slice(0, 10)} here and at ${there.slice(0, 10)} at ${remote}`)
  if ((await askGit(powers, 'symbolic-ref', '--quiet', 'HEAD')).stdout.trim() === `refs/heads/${branch}`)
    throw new ActionFault(`${branch} is checked out, and stays`)
  await keep(tag, end, remote, powers)
  await remove(branch, { here, there }, remote, powers)
  powers.capture('branch_commit', end)
  return `${branch} deleted; ${tag} keeps its end, ${end.slice(0, 10)}`
}

/** First the tag, here and there: nothing is deleted that nothing keeps. */
async function keep(tag: string, end: string, remote: string | undefined, powers: ActionPowers): Promise<void> {
  const ref = `refs/tags/${tag}`
  if ((await commitOf(powers, end)) === null) throw new ActionFault(`${end.slice(0, 10)} was not fetched`)
  const kept = await commitOf(powers, ref)
  if (kept !== null && kept !== end) throw new ActionFault(`the tag ${tag} names ${kept.slice(0, 10)}; it is not moved`)
  if (kept === null) await git(powers, 'tag', '--annotate', '--message', tag, '--', tag, end)
  if (remote !== undefined && (await remoteRef(powers, remote, ref)) !== end)
    await git(powers, 'push', '--porcelain', '--', remote, `${ref}:${ref}`)
}

/** Only at the end that was kept: a commit that came meanwhile stays. */
async function remove(branch: string, { here, there }: Ends, remote = '', powers: ActionPowers): Promise<void> {
  const ref = `refs/heads/${branch}`
  if (there !== null)
    await git(powers, 'push', '--porcelain', `--force-with-lease=${ref}:${there}`, '--', remote, `:${ref}`)
  if (here !== null) await git(powers, 'update-ref', '-d', ref, here)
}
