/** Images in a real registry, put there by skopeo: what is there, what it is, and for whom. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, findProgram, freePort, type Running, startProgram, until } from '../../test/support/programs.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { readChallenge, readReference } from './image-registry/reference.ts'
import { image } from './image.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

const programs = { 'docker-registry': findProgram('/usr/bin/docker-registry'), skopeo: findProgram('/usr/bin/skopeo') }
const HOUR = 3_600_000
/** `shop:hunter2` */
const account = 'shop:$2b$04$pfGEycadT5rIIQQuZhlEve0hFCHs1SMzyzMbWP7y.WZZRrHIxAvTa'

/** A folder in the layout of OCI with one image for each platform; the digest of what names them all. */
function build(folder: string, platforms: readonly string[], createdAt: string, revision: string): string {
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const put = (value: object | Buffer): { digest: string; size: number } => {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))
    const hex = createHash('sha256').update(bytes).digest('hex')
    writeFileSync(join(blobs, hex), bytes)
    return { digest: `sha256:${hex}`, size: bytes.length }
  }
  const layer = put(Buffer.alloc(1024))
  const manifests = platforms.map((name) => {
    const [os = '', architecture = ''] = name.split('/')
    const labels = { 'org.opencontainers.image.revision': revision }
    const rootfs = { type: 'layers', diff_ids: [layer.digest] }
    const config = put({ os, architecture, created: createdAt, config: { Labels: labels }, rootfs })
    const manifest = put({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    })
    return { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest, platform: { os, architecture } }
  })
  const type = 'application/vnd.oci.image.index.v1+json'
  const top =
    platforms.length === 1
      ? manifests[0]
      : { mediaType: type, ...put({ schemaVersion: 2, mediaType: type, manifests }) }
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  writeFileSync(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...top, platform: undefined }] }),
  )
  return top?.digest ?? ''
}

describeWith(programs, 'images', () => {
  let folder: string
  let open: Running
  let closed: Running
  let ports: { readonly open: number; readonly closed: number }
  const digests = new Map<string, string>()

  const registry = async (port: number, more: string): Promise<Running> => {
    const file = join(folder, `registry-${port}.yml`)
    const store = `storage: { filesystem: { rootdirectory: ${join(folder, `store-${port}`)} } }`
    writeFileSync(file, `version: 0.1\n${store}\nhttp: { addr: "127.0.0.1:${port}" }\n${more}`)
    const running = startProgram(programs['docker-registry'] ?? '', ['serve', file])
    await until('the registry answers', async () => (await fetch(`http://127.0.0.1:${port}/v2/`)).status > 0)
    return running
  }
  const push = (tag: string, from: string, port: number, ...more: string[]): void => {
    const words = ['--insecure-policy', 'copy', '--all', '--preserve-digests', '--dest-tls-verify=false', ...more]
    execFileSync(programs.skopeo ?? '', [...words, `oci:${from}`, `docker://127.0.0.1:${port}/shop/api:${tag}`], {
      stdio: 'pipe',
    })
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdpoint-images-'))
    ports = { open: await freePort(), closed: await freePort() }
    writeFileSync(join(folder, 'accounts'), `${account}\n`)
    open = await registry(ports.open, '')
    closed = await registry(ports.closed, `auth: { htpasswd: { realm: shop, path: ${join(folder, 'accounts')} } }\n`)
    const made = (tag: string, platforms: readonly string[], createdAt: string): void => {
      const from = join(folder, tag)
      digests.set(tag, build(from, platforms, createdAt, `commit-${tag}`))
      push(tag, from, ports.open)
    }
    made('1.0.0', ['linux/amd64'], new Date(Date.now() - 90 * 24 * HOUR).toISOString())
    made('1.1.0', ['linux/amd64', 'linux/arm64'], new Date(Date.now() - 2 * HOUR).toISOString())
    made('again', ['linux/amd64'], '1980-01-01T00:00:00Z')
    push('1.1.0', join(folder, '1.1.0'), ports.closed, '--dest-creds=shop:hunter2')
    push('moved', join(folder, '1.0.0'), ports.open)
  }, 120_000)

  afterAll(async () => {
    await Promise.all([open?.stop(), closed?.stop()])
    rmSync(folder, { recursive: true })
  })

  const ask = (
    tag: string,
    more: object = {},
    powers: Partial<CheckPowers> = {},
    port = ports.open,
  ): Promise<CheckResult> =>
    runCheck(image as never, { image: `http://127.0.0.1:${port}/shop/api:${tag}`, ...more }, powers)

  test('an image that is there passes, and gives its digest to later steps', async () => {
    const result = await ask(
      '{{ version }}',
      { 'newer-than': '7d', platforms: ['linux/arm64'] },
      { variables: { version: '1.1.0' } },
    )
    expect(result).toMatchObject({
      outcome: 'passed',
      captures: { digest: digests.get('1.1.0') },
      facts: {
        platforms: ['linux/amd64', 'linux/arm64'],
        bytes: 1024,
        labels: { 'org.opencontainers.image.revision': 'commit-1.1.0' },
      },
    })
    expect(result.say).toMatch(
      /^shop\/api:1\.1\.0 is sha256:[0-9a-f]{12} for linux\/amd64, linux\/arm64, built 2h( \d+m)? ago, at most 7d allowed$/,
    )
    expect(evidenceText(result)).toContain(digests.get('1.1.0'))
    expect((await ask(`1.1.0@${digests.get('1.1.0')}`)).outcome).toBe('passed')
  })

  test('a tag, a repository and a digest that are not there fail', async () => {
    expect(await ask('2.0.0')).toMatchObject({ outcome: 'failed', say: 'there is no shop/api:2.0.0' })
    expect((await ask(`1.0.0@sha256:${'0'.repeat(64)}`)).outcome).toBe('failed')
    const elsewhere = await runCheck(image as never, { image: `http://127.0.0.1:${ports.open}/shop/web:1.0.0` })
    expect(elsewhere.outcome).toBe('failed')
  })

  test('another image than was built fails: by its digest, its labels, or as the one before', async () => {
    const one = digests.get('1.0.0')
    expect((await ask('1.0.0', { digest: one })).outcome).toBe('passed')
    expect(await ask('1.1.0', { digest: one })).toMatchObject({
      outcome: 'failed',
      say: expect.stringContaining(`expected ${one?.slice(0, 19)}`),
    })
    const labels = { 'org.opencontainers.image.revision': '{{ commit }}' }
    expect((await ask('1.1.0', { labels }, { variables: { commit: 'commit-1.1.0' } })).outcome).toBe('passed')
    expect((await ask('1.1.0', { labels }, { variables: { commit: 'abc' } })).say).toContain(
      'org.opencontainers.image.revision of linux/amd64 is commit-1.1.0, expected abc',
    )
    expect(await ask('1.0.0', { 'not-same-as': 'moved' })).toMatchObject({
      outcome: 'failed',
      say: 'shop/api:1.0.0: moved is the same image',
    })
    expect((await ask('1.1.0', { 'not-same-as': '1.0.0' })).outcome).toBe('passed')
    expect(await ask('1.1.0', { 'not-same-as': '0.0.1' })).toMatchObject({
      outcome: 'passed',
      say: expect.stringMatching(/; there is no 0\.0\.1$/),
    })
  })

  test('a tag that was moved since this release first looked fails', async () => {
    const before = { captures: ['digest'], variables: { digest: digests.get('1.1.0') ?? '' } }
    expect((await ask('1.1.0', {}, before)).outcome).toBe('passed')
    expect(await ask('moved', {}, before)).toMatchObject({
      outcome: 'failed',
      say: expect.stringContaining('when this release first looked'),
    })
  })

  test('one that is too old, or not there for a platform, fails; one that does not say its age is in doubt', async () => {
    expect(await ask('1.0.0', { 'newer-than': '30d' })).toMatchObject({
      outcome: 'failed',
      say: expect.stringContaining('expected at most'),
    })
    expect(await ask('1.0.0', { platforms: ['linux/arm64'] })).toMatchObject({
      outcome: 'failed',
      say: 'shop/api:1.0.0: not there for linux/arm64',
    })
    expect(await ask('again', { 'newer-than': '30d' })).toMatchObject({
      outcome: 'inconclusive',
      say: 'shop/api:again does not say when it was built',
    })
  })

  test('a registry that wants an account lets its own in and nobody else', async () => {
    const secret = (password: string): Partial<CheckPowers> => ({ secret: () => password })
    const own = { user: 'shop', 'password-secret': 'REGISTRY' }
    expect((await ask('1.1.0', own, secret('hunter2'), ports.closed)).outcome).toBe('passed')
    const wrong = await ask('1.1.0', own, secret('hunter3'), ports.closed)
    expect(wrong).toMatchObject({
      outcome: 'errored',
      say: expect.stringContaining('lets nobody read shop/api with this account'),
    })
    expect(await ask('1.1.0', {}, {}, ports.closed)).toMatchObject({
      outcome: 'errored',
      say: expect.stringContaining('give user and password-secret'),
    })
  })

  test('a token is fetched where the registry says, for this repository, and never where the author did not say', async () => {
    const tokens = await front(ports.open)
    try {
      const { port } = tokens.server.address() as AddressInfo
      const own = { user: 'shop', 'password-secret': 'REGISTRY' }
      const powers = { secret: () => 'hunter2' }
      expect((await ask('1.1.0', own, powers, port)).outcome).toBe('passed')
      expect(tokens.asked).toEqual(['/token?service=shop&scope=repository%3Ashop%2Fapi%3Apull'])
      expect((await ask('1.1.0', own, { secret: () => 'other' }, port)).say).toContain('gives no token (401)')
      tokens.realm = 'http://localhost:1/token'
      expect((await ask('1.1.0', own, powers, port)).say).toContain(
        'wants a token from localhost:1, which is not among hosts',
      )
    } finally {
      await new Promise((resolve) => tokens.server.close(resolve))
    }
  })
})

/** In front of the real registry: lets nobody in without the token that it gives for an account. */
async function front(behind: number): Promise<{ server: Server; asked: string[]; realm: string }> {
  const state = { asked: [] as string[], realm: '', server: null as unknown as Server }
  state.server = createServer((request, response) => {
    const { authorization } = request.headers
    if (request.url?.startsWith('/token')) {
      if (authorization !== `Basic ${Buffer.from('shop:hunter2').toString('base64')}`)
        return response.writeHead(401).end()
      state.asked.push(request.url)
      return response.end('{"token":"t0ken"}')
    }
    if (authorization !== 'Bearer t0ken')
      return response
        .writeHead(401, { 'www-authenticate': `Bearer realm="${state.realm}",service="shop",scope="x"` })
        .end()
    void fetch(`http://127.0.0.1:${behind}${request.url}`, { headers: { accept: request.headers.accept ?? '' } }).then(
      async (answer) => {
        const digest = answer.headers.get('docker-content-digest')
        response.writeHead(answer.status, digest === null ? {} : { 'docker-content-digest': digest })
        response.end(Buffer.from(await answer.arrayBuffer()))
      },
    )
  })
  await new Promise<void>((resolve) => state.server.listen(0, '127.0.0.1', resolve))
  state.realm = `http://127.0.0.1:${(state.server.address() as AddressInfo).port}/token`
  return state
}

test('an address of an image says the registry, the repository, and a tag or digest', () => {
  expect(readReference('https://registry.example.com:5000/shop/api:1.4.0')).toEqual({
    origin: 'https://registry.example.com:5000',
    repository: 'shop/api',
    reference: '1.4.0',
  })
  for (const bad of [
    'shop/api:1',
    'https://r/shop',
    'https://u:p@r/shop:1',
    'https://r/shop:1/../x',
    'https://r/../x:1',
    'https://r/shop:',
  ])
    expect([bad, readReference(bad)]).toEqual([bad, null])
  expect(image.config.safeParse({ image: 'shop/api:1.4.0' }).success).toBe(false)
  expect(image.config.safeParse({ image: 'https://r/a:1', user: 'x' }).success).toBe(false)
  expect([...readChallenge('Bearer realm="https://a/t",service=shop').values]).toEqual([
    ['realm', 'https://a/t'],
    ['service', 'shop'],
  ])
})
