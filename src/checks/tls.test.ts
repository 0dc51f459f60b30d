import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server, type TlsOptions } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { tls } from './tls.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-tls-'))
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const openssl = (...words: readonly string[]): void => void execFileSync('openssl', words, { cwd: root, stdio: 'pipe' })

/** A root that is trusted, and under it a certificate per name with its days. */
beforeAll(() => {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'root.key',
    '-out',
    'root.pem',
    '-days',
    '3650',
    '-subj',
    '/CN=Our root',
  )
  for (const [name, days] of [
    ['shop.test', 90],
    ['short.test', 5],
  ] as const) {
    writeFileSync(join(root, `${name}.ext`), `subjectAltName=DNS:${name}\n`)
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    )
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'root.pem',
      '-CAkey',
      'root.key',
      '-CAcreateserial',
      '-out',
      `${name}.pem`,
      '-days',
      String(days),
      '-extfile',
      `${name}.ext`,
    )
  }
})

async function serve(name: string, options: TlsOptions = {}): Promise<number> {
  const server = createServer({
    key: readFileSync(join(root, `${name}.key`)),
    cert: readFileSync(join(root, `${name}.pem`)),
    ...options,
  })
  server.on('tlsClientError', () => {})
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const check = (
  port: number,
  config: Readonly<Record<string, unknown>> = {},
  powers: Partial<CheckPowers> = {},
): Promise<CheckResult> =>
  runCheck(tls as never, { host: '127.0.0.1', port, name: 'shop.test', ca: 'root.pem', ...config }, { root, ...powers })

describe('a certificate', () => {
  test('that is trusted, holds the name and stays valid passes, with its chain as evidence', async () => {
    const result = await check(await serve('shop.test'))
    expect(result).toMatchObject({ outcome: 'passed', facts: { protocol: 'TLSv1.3', issuer: 'Our root' } })
    expect(result.say).toMatch(/TLSv1\.3, certificate of Our root valid for (89|90) days$/)
    expect(evidenceText(result)).toContain('subject CN=shop.test')
    expect(evidenceText(result)).toContain('subject CN=Our root')
  })

  test('that nobody vouches for, or that holds another name, does not', async () => {
    const port = await serve('shop.test')
    expect((await check(port, { ca: undefined })).say).toMatch(/its certificate is not trusted/)
    expect((await check(port, { name: 'other.test' })).say).toMatch(/is not trusted: .*(altnames|ALTNAME)/)
  })

  test('that soon runs out fails with the days that are left', async () => {
    const port = await serve('short.test')
    const config = { name: 'short.test' }
    expect((await check(port, config)).say).toMatch(/short\.test is valid for (4|5) days, expected 14 days$/)
    expect((await check(port, { ...config, 'valid-for': '2d' })).outcome).toBe('passed')
    const clock = { now: () => Date.now() + 30 * 86_400_000, sleep: () => Promise.resolve() }
    expect((await check(port, config, { clock })).say).toMatch(/short\.test ran out 25 days ago/)
  })
})

describe('what is too weak', () => {
  test('an old protocol that is still taken fails, and what is refused passes', async () => {
    const old = await serve('shop.test', { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' })
    expect((await check(old)).say).toContain('it still takes TLSv1.1')
    const plain = await serve('shop.test', { minVersion: 'TLSv1.2' })
    expect((await check(plain)).outcome).toBe('passed')
    expect((await check(plain, { 'min-version': 'TLSv1.3' })).say).toContain('it still takes TLSv1.2')
    expect(
      (await check(await serve('shop.test', { minVersion: 'TLSv1.3' }), { 'min-version': 'TLSv1.3' })).outcome,
    ).toBe('passed')
  })

  test('a cipher that has to be refused is offered alone', async () => {
    const config = { 'refuse-ciphers': ['AES128-SHA'] }
    const loose = await serve('shop.test', { ciphers: 'ALL:@SECLEVEL=0' })
    expect((await check(loose, config)).say).toContain('it takes AES128-SHA')
    expect((await check(await serve('shop.test', { ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' }), config)).outcome).toBe(
      'passed',
    )
  })

  test('a cipher that this OpenSSL cannot offer proves nothing', async () => {
    const result = await check(await serve('shop.test'), { 'refuse-ciphers': ['NO-SUCH-CIPHER'] })
    expect(result).toMatchObject({ outcome: 'errored', say: expect.stringContaining('has no cipher NO-SUCH-CIPHER') })
  })
})

test('what it says of itself over HTTPS and plain HTTP is looked at where the checklist asks', async () => {
  let hsts: string | null = null
  const server = createHttps(
    { key: readFileSync(join(root, 'shop.test.key')), cert: readFileSync(join(root, 'shop.test.pem')) },
    (_request, response) =>
      response.writeHead(200, hsts === null ? {} : { 'strict-transport-security': hsts }).end('shop'),
  )
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const leading = (location: string | null): Partial<CheckPowers> => ({
    http: () =>
      Promise.resolve(
        new Response('', { status: location === null ? 200 : 301, headers: location === null ? {} : { location } }),
      ),
  })
  const config = { hsts: '180d', redirect: true }
  const say = async (said: string | null, location: string | null): Promise<string> => {
    hsts = said
    return (await check(port, config, leading(location))).say
  }
  expect(await say('max-age=31536000; includeSubDomains', 'https://127.0.0.1/')).toMatch(/valid for/)
  expect(await say('max-age=3600', 'https://127.0.0.1/')).toContain(
    'strict-transport-security for 1h, expected 180 days',
  )
  expect(await say(null, 'https://127.0.0.1/')).toContain('it does not say strict-transport-security')
  expect(await say('max-age=31536000', null)).toContain('plain HTTP answers 200, and leads to no HTTPS')
  expect(await say('max-age=31536000', 'http://127.0.0.1/x')).toContain('leads to no HTTPS')
})
