/** Releases as GitHub's REST API makes them: one for a tag, drafts only in the list, fields that are validated. */
import { type GithubAnswer, type GithubRepository, list, notFound, type Route } from './github-repository.ts'

export const releaseRoutes: readonly Route[] = [
  ['GET', /^\/releases$/, ({ releases }) => list(releases.toReversed())],
  [
    'GET',
    /^\/git\/ref\/tags\/(.+)$/,
    ({ refs }, [tag = '']) => {
      const sha = refs.get(tag)
      return sha === undefined ? notFound : { status: 200, body: { ref: `refs/tags/${tag}`, object: { sha } } }
    },
  ],
  ['POST', /^\/releases$/, (repository, _found, { body }) => created(repository, body)],
  [
    'PATCH',
    /^\/releases\/(\d+)$/,
    ({ releases }, [id], { body }) => {
      const found = releases.find((each) => each.id === Number(id))
      if (!found) return notFound
      const { tag_name: _tag, ...changes } = JSON.parse(body.toString()) as Record<string, unknown>
      Object.assign(found, changes)
      if (!found.draft) found.published_at ??= new Date().toISOString()
      return { status: 200, body: found }
    },
  ],
]

function created({ releases }: GithubRepository, body: Buffer): GithubAnswer {
  const given = JSON.parse(body.toString()) as Record<string, unknown>
  const { tag_name: tag, name, draft = false, prerelease = false, generate_release_notes: generates } = given
  const refuse = (code: string): GithubAnswer => ({
    status: 422,
    body: { message: 'Validation Failed', errors: [{ resource: 'Release', code, field: 'tag_name' }] },
  })
  if (typeof tag !== 'string' || tag === '') return refuse('missing_field')
  if (releases.some((each) => each.tag_name === tag && !each.draft)) return refuse('already_exists')
  const id = releases.length + 1
  const made = {
    id,
    tag_name: tag,
    name: typeof name === 'string' ? name : '',
    body: typeof given['body'] === 'string' ? given['body'] : generates === true ? "## What's Changed" : '',
    draft: draft === true,
    prerelease: prerelease === true,
    published_at: draft === true ? null : new Date().toISOString(),
    html_url: `https://github.example/acme/shop/releases/tag/${tag}`,
    upload_url: `https://uploads.github.example/repos/acme/shop/releases/${id}/assets{?name,label}`,
    assets: [],
  }
  releases.push(made)
  return { status: 201, body: made }
}
