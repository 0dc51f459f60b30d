/** `yaml run kind: github-release`: a tag that is there is published as a release with its notes; a draft of it becomes that release. */
import { z } from 'zod'
import { type Github, githubApi } from '../core/github/api.ts'
import { githubFields, githubSecrets } from '../core/github/fields.ts'
import { ActionFault, defineAction } from '../core/ports/action.ts'
import type { Json } from '../core/units.ts'
import { githubFor, shaped } from './parts/github.ts'

const config = z.strictObject({
  ...githubFields,
  tag: z.string().min(1).describe('Tag that is published; it has to be there already'),
  name: z.string().min(1).optional().describe('Title; the tag where nothing is said, or that of the draft'),
  notes: z
    .string()
    .min(1)
    .optional()
    .describe('What it says; else what the draft says, or what GitHub writes from the changes'),
  prerelease: z.boolean().default(false).describe('It is not for everybody yet'),
})

type Config = z.infer<typeof config>

const release = z.object({
  id: z.number(),
  tag_name: z.string(),
  name: z.string().nullable(),
  body: z.string().nullable(),
  draft: z.boolean(),
  prerelease: z.boolean(),
  html_url: z.string(),
})
type Release = z.infer<typeof release>

export const githubRelease = defineAction({
  kind: 'github-release',
  summary: 'A tag is published as a release on GitHub, with its notes',
  config,
  timeoutMs: 300_000,
  example:
    '```yaml run\nkind: github-release\nrepository: acme/shop\ntoken: API_TOKEN\ntag: v{{ version }}\nirreversible: who watches the repository is told\n```',
  captures: ['release_url'],
  secrets: (given) => githubSecrets(given),
  programs: [],
  addresses: [githubApi],
  async run(given, powers) {
    const github = githubFor(given, powers)
    const before = await releaseOf(github, given.tag)
    if (before !== null && isSo(before, given)) {
      powers.capture('release_url', before.html_url)
      return `${given.tag} was published already: ${before.html_url}`
    }
    const made = before === null ? await create(github, given) : await change(github, before, given)
    powers.capture('release_url', made.html_url)
    return `${before === null || before.draft ? 'published' : 'changed'} ${given.tag}: ${made.html_url}`
  },
  async probe(given, powers) {
    const found = await releaseOf(githubFor(given, powers), given.tag)
    return found !== null && isSo(found, given)
  },
})

/** The one that is published, else a draft, which only the list shows. */
async function releaseOf(github: Github, tag: string): Promise<Release | null> {
  const published = await github.get(`/releases/tags/${encodeURIComponent(tag)}`)
  if (published !== null) return shaped(release, published, `release ${tag}`)
  const rows = shaped(z.array(release), await github.all('/releases'), 'list of releases')
  const drafts = rows.filter((each) => each.draft && each.tag_name === tag)
  if (drafts.length > 1) throw new ActionFault(`there are ${drafts.length} drafts of ${tag}; leave one`)
  return drafts[0] ?? null
}

function isSo(found: Release, { name, notes, prerelease }: Config): boolean {
  if (found.draft || found.prerelease !== prerelease) return false
  return (name === undefined || found.name === name) && (notes === undefined || sameText(found.body ?? '', notes))
}

/** GitHub may change how lines end. */
function sameText(a: string, b: string): boolean {
  const plain = (text: string): string => text.replaceAll('\r\n', '\n').trim()
  return plain(a) === plain(b)
}

async function create(github: Github, { tag, name = tag, notes, prerelease }: Config): Promise<Release> {
  await expectTag(github, tag)
  const words: Readonly<Record<string, Json>> = notes === undefined ? { generate_release_notes: true } : { body: notes }
  const body = { tag_name: tag, name, prerelease, draft: false, ...words }
  return shaped(release, await github.send('POST', '/releases', body), `release ${tag}`)
}

async function change(github: Github, { id }: Release, { tag, name, notes, prerelease }: Config): Promise<Release> {
  await expectTag(github, tag)
  const words = { ...(name === undefined ? {} : { name }), ...(notes === undefined ? {} : { body: notes }) }
  const body = { tag_name: tag, draft: false, prerelease, ...words }
  return shaped(release, await github.send('PATCH', `/releases/${id}`, body), `release ${tag}`)
}

/** GitHub would make a missing tag, on whatever its default branch is by then. */
async function expectTag(github: Github, tag: string): Promise<void> {
  if ((await github.get(`/git/ref/tags/${encodeURIComponent(tag)}`)) === null)
    throw new ActionFault(`GitHub has no tag ${tag}; push it first, as kind: git-tag does`)
}
