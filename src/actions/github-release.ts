/** `yaml run kind: github-release`: a tag that is there is published as a release with its notes and files; a draft of it becomes that release. */
import { z } from 'zod'
import { type Github, githubApi, uploadsOf } from '../core/github/api.ts'
import { githubFields, githubSecrets } from '../core/github/fields.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import type { Json } from '../core/units.ts'
import { type AssetFile, assetFiles, assetShape, assetWork, putAsset } from './parts/github-assets.ts'
import { askRepository, githubFor, shaped } from './parts/github.ts'

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
  draft: z.boolean().default(false).describe('It stays a draft, which people look over; published by a later step'),
  assets: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Files to download, by path or pattern such as dist/*.tar.gz; a draft until all of them are there'),
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
  upload_url: z.string(),
  assets: z.array(assetShape).default([]),
})
type Release = z.infer<typeof release>

export const githubRelease = defineAction({
  kind: 'github-release',
  summary: 'A tag is published as a release on GitHub, with its notes and files',
  config,
  timeoutMs: 300_000,
  example:
    '```yaml run\nkind: github-release\nrepository: acme/shop\ntoken: API_TOKEN\ntag: v{{ version }}\nassets: [dist/*.tar.gz, dist/SHA256SUMS]\nirreversible: who watches the repository is told\n```',
  captures: ['release_url'],
  secrets: (given) => githubSecrets(given),
  programs: [],
  addresses: ({ base = githubApi }) => [githubApi, ...uploadPlaces(base)],
  async run(given, powers) {
    const github = githubFor(given, powers)
    const files = await assetFiles(given.assets ?? [])
    const before = await releaseOf(github, given.tag)
    if (before !== null && isSo(before, given, files)) {
      powers.capture('release_url', before.html_url)
      return `${given.tag} was ${stateOf(given)} already: ${before.html_url}`
    }
    if (given.draft && before?.draft === false)
      throw new ActionFault(`${given.tag} is published, and no draft any more`)
    expectFilesKept(before, files)
    await expectTag(github, given.tag)
    const held = before ?? (await create(github, given, given.draft || files.length > 0))
    await putFiles(github, held, files, powers)
    const made = isSo(held, given, []) ? held : await change(github, held, given)
    await readBack(github, given, files, powers)
    powers.capture('release_url', made.html_url)
    const what = before === null || before.draft ? stateOf(given) : 'changed'
    const along = files.length === 0 ? '' : ` with ${files.map(({ name }) => name).join(', ')}`
    return `${what} ${given.tag}${along}: ${made.html_url}`
  },
  ask: (given, powers) => askRepository(given, powers),
  async probe(given, powers) {
    const found = await releaseOf(githubFor(given, powers), given.tag)
    if (found === null) return false
    const files = await assetFiles(given.assets ?? [])
    expectFilesKept(found, files)
    return isSo(found, given, files)
  },
})

/** An address that is no address is said where it is used. */
function uploadPlaces(base: Json): readonly string[] {
  return typeof base === 'string' && URL.canParse(base) ? [uploadsOf(base)] : []
}

/** The one that is published, else a draft, which only the list shows. */
async function releaseOf(github: Github, tag: string): Promise<Release | null> {
  const published = await github.get(`/releases/tags/${encodeURIComponent(tag)}`)
  if (published !== null) return shaped(release, published, `release ${tag}`)
  const rows = shaped(z.array(release), await github.all('/releases'), 'list of releases')
  const drafts = rows.filter((each) => each.draft && each.tag_name === tag)
  if (drafts.length > 1) throw new ActionFault(`there are ${drafts.length} drafts of ${tag}; leave one`)
  return drafts[0] ?? null
}

function stateOf({ draft }: Config): string {
  return draft ? 'drafted' : 'published'
}

function isSo(found: Release, { name, notes, prerelease, draft }: Config, files: readonly AssetFile[]): boolean {
  if (found.draft !== draft || found.prerelease !== prerelease) return false
  const { missing, different } = assetWork(files, found.assets)
  if (missing.length + different.length > 0) return false
  return (name === undefined || found.name === name) && (notes === undefined || sameText(found.body ?? '', notes))
}

/** GitHub may change how lines end. */
function sameText(a: string, b: string): boolean {
  const plain = (text: string): string => text.replaceAll('\r\n', '\n').trim()
  return plain(a) === plain(b)
}

/** What somebody may have downloaded is never another file a moment later. */
function expectFilesKept(before: Release | null, files: readonly AssetFile[]): void {
  if (before === null || before.draft) return
  const [first] = assetWork(files, before.assets).different
  if (first === undefined) return
  const { file, asset } = first
  if (asset.state === 'uploaded' && !asset.digest && asset.size === file.bytes)
    throw new ActionFault(`this GitHub tells no digest of ${file.name}, so whether it is the same cannot be told`)
  const there = asset.digest ?? `${asset.state}, ${asset.size} bytes`
  throw new ActionFault(
    `${before.tag_name} is published with another ${file.name} (${there}, here ${file.digest}); give it another name, or delete it there`,
  )
}

async function putFiles(
  github: Github,
  held: Release,
  files: readonly AssetFile[],
  powers: Pick<ActionPowers, 'say'>,
): Promise<void> {
  const { missing, different } = assetWork(files, held.assets)
  for (const { asset } of different) await github.send('DELETE', `/releases/assets/${asset.id}`, {})
  for (const file of [...missing, ...different.map((each) => each.file)]) {
    await putAsset(github, held.upload_url, file)
    powers.say(`${file.name}, ${file.bytes} bytes, ${file.digest}`)
  }
}

const readings = 3

/** As whoever downloads sees it; what was just published may be shown a moment later. */
async function readBack(
  github: Github,
  given: Config,
  files: readonly AssetFile[],
  { sleep }: Pick<ActionPowers, 'sleep'>,
): Promise<void> {
  for (let reading = 1; ; reading += 1) {
    const wrong = wrongIn(await releaseOf(github, given.tag), given, files)
    if (wrong === null) return
    if (reading === readings) throw new ActionFault(wrong)
    await sleep(reading * 1_000)
  }
}

function wrongIn(found: Release | null, given: Config, files: readonly AssetFile[]): string | null {
  const { tag } = given
  if (found === null || found.draft !== given.draft) return `${tag} is not ${stateOf(given)} after all`
  const { missing, different } = assetWork(files, found.assets)
  // A server that tells no digests told the size of each file when it was put.
  const [wrong] = [...missing, ...different.filter(({ asset }) => asset.digest).map(({ file }) => file)]
  return wrong === undefined ? null : `${wrong.name} of ${tag} is not there as it was put; does somebody else publish?`
}

async function create(
  github: Github,
  { tag, name = tag, notes, prerelease }: Config,
  isDraft: boolean,
): Promise<Release> {
  const words: Readonly<Record<string, Json>> = notes === undefined ? { generate_release_notes: true } : { body: notes }
  const body = { tag_name: tag, name, prerelease, draft: isDraft, ...words }
  return shaped(release, await github.send('POST', '/releases', body), `release ${tag}`)
}

async function change(
  github: Github,
  { id }: Release,
  { tag, name, notes, prerelease, draft }: Config,
): Promise<Release> {
  const words = { ...(name === undefined ? {} : { name }), ...(notes === undefined ? {} : { body: notes }) }
  const body = { tag_name: tag, draft, prerelease, ...words }
  return shaped(release, await github.send('PATCH', `/releases/${id}`, body), `release ${tag}`)
}

/** GitHub would make a missing tag, on whatever its default branch is by then. */
async function expectTag(github: Github, tag: string): Promise<void> {
  if ((await github.get(`/git/ref/tags/${encodeURIComponent(tag)}`)) === null)
    throw new ActionFault(`GitHub has no tag ${tag}; push it first, as kind: git-tag does`)
}
