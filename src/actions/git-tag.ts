/** `yaml run kind: git-tag`: an annotated tag on the commit that is released, and that one tag at a remote. */
import { z } from 'zod'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { askGit, askHere, askRemote, commitOf, git, nameField, remoteRef } from './parts/git.ts'

const config = z.strictObject({
  tag: nameField.describe('Name of the tag'),
  message: z.string().min(1).optional().describe('What it says; its name if nothing is said'),
  commit: nameField.default('HEAD').describe('What it names'),
  push: nameField.optional().describe('Remote that gets this one tag'),
  sign: z.boolean().default(false).describe('Signed with the key that git is set up with'),
})

type Config = z.infer<typeof config>

export const gitTag = defineAction({
  kind: 'git-tag',
  summary: 'An annotated tag on a commit, and that one tag at a remote',
  config,
  timeoutMs: 120_000,
  example:
    '```yaml run\nkind: git-tag\ntag: v{{ version }}\nmessage: Release {{ version }}\npush: origin\nirreversible: others may have fetched the tag\n```',
  captures: ['tag_commit'],
  programs: ['git'],
  async run(given, powers) {
    const commit = await commitOf(powers, given.commit)
    if (commit === null) throw new ActionFault(`there is no commit ${given.commit}`)
    const made = await makeTag(given, commit, powers)
    const pushed = given.push === undefined ? '' : await pushTag(given.tag, given.push, commit, powers)
    powers.capture('tag_commit', commit)
    return `${made}${pushed}`
  },
  ask: async ({ push }, powers) => (push === undefined ? askHere(powers) : askRemote(powers, push)),
  async probe(given, powers) {
    const commit = await commitOf(powers, given.commit)
    const here = await commitOf(powers, `refs/tags/${given.tag}`)
    if (commit === null || here !== commit) return false
    return given.push === undefined || (await remoteRef(powers, given.push, `refs/tags/${given.tag}`)) === commit
  },
})

async function makeTag({ tag, message, sign }: Config, commit: string, powers: ActionPowers): Promise<string> {
  const { exitCode } = await askGit(powers, 'check-ref-format', `refs/tags/${tag}`)
  if (exitCode !== 0) throw new ActionFault(`"${tag}" is no name for a tag`)
  const there = await commitOf(powers, `refs/tags/${tag}`)
  if (there === commit) return `the tag ${tag} was there already, at ${commit.slice(0, 10)}`
  if (there !== null)
    throw new ActionFault(`the tag ${tag} names ${there.slice(0, 10)}, not ${commit.slice(0, 10)}; a tag is not moved`)
  await git(powers, 'tag', sign ? '--sign' : '--annotate', '--message', message ?? tag, '--', tag, commit)
  return `tagged ${commit.slice(0, 10)} as ${tag}`
}

async function pushTag(tag: string, remote: string, commit: string, powers: ActionPowers): Promise<string> {
  const ref = `refs/tags/${tag}`
  const there = await remoteRef(powers, remote, ref)
  if (there === commit) return `, which ${remote} has already`
  if (there !== null)
    throw new ActionFault(
      `${remote} has the tag ${tag} at ${there.slice(0, 10)}, not ${commit.slice(0, 10)}; a tag is not moved`,
    )
  await git(powers, 'push', '--porcelain', '--', remote, `${ref}:${ref}`)
  return `, pushed to ${remote}`
}
