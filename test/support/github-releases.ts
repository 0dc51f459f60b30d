/** Releases as GitHub's REST API makes them: one for a tag, drafts only in the list, fields that are validated, files with digests. */
import { createHash } from 'node:crypto'
import {
  type GithubAnswer,
  type GithubRepository,
  type GithubRequest,
  list,
  notFound,
  type Route,
} from './github-repository.ts'

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
  ['POST', /^\/releases$/, (repository, _found, { body, base }) => created(repository, body, base)],
  ['POST', /^\/releases\/(\d+)\/assets$/, (repository, [id], request) => uploaded(repository, Number(id), request)],
  [
    'DELETE',
    /^\/releases\/assets\/(\d+)$/,
    ({ releases }, [id]) => {
      const found = releases.find(({ assets }) => assets.some((each) => each.id === Number(id)))
      if (!found) return notFound
      if (isFixed(found)) return { status: 422, body: { message: 'Cannot delete assets from an immutable release.' } }
      found.assets.splice(
        found.assets.findIndex((each) => each.id === Number(id)),
        1,
      )
      return { status: 204 }
    },
  ],
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

type Release = GithubRepository['releases'][number]

function isFixed({ immutable, draft }: Release): boolean {
  return immutable === true && !draft
}

/** Only where files are put; a name of spaces and signs becomes one of dots. */
function uploaded(repository: GithubRepository, id: number, request: GithubRequest): GithubAnswer {
  const { releases, tellsDigests } = repository
  const found = releases.find((each) => each.id === id)
  if (!found || !request.isUpload) return notFound
  const given = request.query.get('name') ?? ''
  const refuse = (code: string): GithubAnswer => ({
    status: 422,
    body: { message: 'Validation Failed', errors: [{ resource: 'ReleaseAsset', code, field: 'name' }] },
  })
  if (request.type === undefined || request.type === 'application/x-www-form-urlencoded')
    return { status: 400, body: { message: 'Bad Content-Type' } }
  if (request.body.length === 0) return { status: 400, body: { message: 'Bad Content-Length' } }
  if (given === '') return refuse('missing_field')
  if (isFixed(found)) return { status: 422, body: { message: 'Cannot upload assets to an immutable release.' } }
  const name = given.replaceAll(/[^\w.+-]+/g, '.').replaceAll(/^\.+|\.+$/g, '')
  if (found.assets.some((each) => each.name === name)) return refuse('already_exists')
  const digest = tellsDigests ? `sha256:${createHash('sha256').update(request.body).digest('hex')}` : null
  const number = Math.max(0, ...releases.flatMap(({ assets }) => assets.map((each) => each.id))) + 1
  if (repository.breaksUploads > 0) {
    repository.breaksUploads -= 1
    found.assets.push({ id: number, name, size: 0, state: 'starter', digest: null })
    return { status: 502, body: { message: 'Server Error' } }
  }
  const asset = { id: number, name, size: request.body.length, state: 'uploaded', digest }
  found.assets.push(asset)
  return { status: 201, body: asset }
}

function created({ releases }: GithubRepository, body: Buffer, base: string): GithubAnswer {
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
    upload_url: `${base}/uploads/repos/acme/shop/releases/${id}/assets{?name,label}`,
    assets: [],
  }
  releases.push(made)
  return { status: 201, body: made }
}
