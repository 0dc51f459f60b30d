/** Webhooks, GitHub bindings and keys for results on the command line, against a real server and a real receiver. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'
const LIST = '---\nholdpoint: 1\nservice: checkout\n---\n# Checkout\n## Gate\n- [ ] Ready?\n'

let server: TeamServer
let receiver: Server
let admin = ''
const got: string[] = []

beforeAll(async () => {
  receiver = createServer((request, response) => {
    request.resume()
    got.push(String(request.headers['webhook-signature']))
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  server = await startTeamServer([], {
    HOLDPOINT_SECRET_KEY: randomBytes(32).toString('base64'),
    HOLDPOINT_WEBHOOK_HOSTS: `127.0.0.1:${port()}`,
    HOLDPOINT_GITHUB_APP: '1',
    HOLDPOINT_GITHUB_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    HOLDPOINT_GITHUB_WEBHOOK_SECRET: 'of this test and of no other',
    // Nobody is asked there: nothing waits for GitHub in this test.
    HOLDPOINT_GITHUB_API: 'http://127.0.0.1:9',
  })
  admin = server.person('root')
  const set = ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop']
  expect((await server.holdpoint(admin, set, `${PASSWORD}\n`)).code).toBe(0)
})
afterAll(async () => {
  receiver?.closeAllConnections()
  receiver?.close()
  await server?.end()
})

const port = () => (receiver.address() as AddressInfo).port
const by = (...args: string[]) => server.holdpoint(admin, args, '', { COLUMNS: '160' })

test('a webhook is made, hears of a release, shows what was delivered, and is removed', async () => {
  const made = await by('webhook', 'add', 'shop', `http://127.0.0.1:${port()}/hook?key=x`, '--on', 'release.started')
  expect([made.code, made.err]).toEqual([0, ''])
  expect(made.out).toContain('whsec_')
  const id = /wh-[0-9a-f]+/.exec(made.out)?.[0] ?? ''
  const listed = await by('webhook', 'list', 'shop')
  expect(listed.out).toContain(id)
  expect(listed.out).toContain('release.started')
  expect(listed.out).not.toMatch(/whsec_|key=x/)

  const list = join(server.folder, 'list.md')
  writeFileSync(list, LIST)
  expect((await by('run', list, '--version', '1', '--project', 'shop', '--yes')).code).toBe(3)
  await expect.poll(() => got.length, { timeout: 20_000 }).toBe(1)
  const delivered = async () => (await by('webhook', 'deliveries', 'shop', id)).out
  await expect.poll(delivered, { timeout: 20_000 }).toMatch(/delivered +release\.started .*answered 204/)

  expect((await by('webhook', 'remove', 'shop', id)).code).toBe(0)
  expect(JSON.parse((await by('webhook', 'list', 'shop', '--json')).out)).toEqual([])
  expect((await by('webhook', 'deliveries', 'shop', id)).code).toBe(2)
})

test('an address on the own network is refused when it is given, with what would open it', async () => {
  const refused = await by('webhook', 'add', 'shop', 'https://10.1.2.3/hook')
  expect(refused.code).toBe(2)
  expect(refused.err).toContain('10.1.2.3, on the own network or machine of the server')
  expect(refused.err).toContain('HOLDPOINT_WEBHOOK_HOSTS=10.1.2.3')
  const topic = await by('webhook', 'add', 'shop', 'https://hooks.example.com', '--on', 'release.finished')
  expect(topic.code).toBe(2)
  expect(topic.err).toContain('expected one of release.started')
})

test('whoever is at the socket of the server may do the same', async () => {
  const made = await server.atSocket(['webhook', 'add', 'shop', `http://127.0.0.1:${port()}/hook`, '--json'])
  expect(made.code).toBe(0)
  const { id, topics } = JSON.parse(made.out) as { id: string; topics: string[] }
  expect(topics.length).toBeGreaterThan(10)
  expect((await server.atSocket(['webhook', 'remove', 'shop', id])).code).toBe(0)
})

test('a repository is bound to a gate, shown, and unbound', async () => {
  const repository = ['shop', 'acme/checkout', 'production']
  const bound = await by('github', 'bind', ...repository, '--service', 'checkout', '--step', 'go-live')
  expect([bound.code, bound.err]).toEqual([0, ''])
  expect((await by('github', 'list', 'shop')).out).toMatch(
    /acme\/checkout +production +checkout +production +step go-live/,
  )
  const foreign = await by('github', 'bind', ...repository, '--service', 'of-nobody')
  expect(foreign.code).toBe(1)
  const two = await by('github', 'bind', ...repository, '--service', 'checkout', '--step', 'x', '--phase', 'y')
  expect(two.code).toBe(2)
  expect((await by('github', 'unbind', ...repository)).code).toBe(0)
  expect((await by('github', 'unbind', ...repository)).code).toBe(1)
  expect(JSON.parse((await by('github', 'list', 'shop', '--json')).out)).toEqual([])
})

test('a key for results is made, shown without its secret, and removed', async () => {
  expect((await by('machine', 'add', 'load-tests', '--role', 'pipeline', '--at', 'acme/shop')).code).toBe(0)
  const made = await by('result-key', 'make', 'shop', 'load-tests', '--expires', '30d')
  expect([made.code, made.err]).toEqual([0, ''])
  expect(made.out).toContain('whsec_')
  const id = /rk-[0-9a-f]+/.exec(made.out)?.[0] ?? ''
  const listed = await by('result-key', 'list', 'shop')
  expect(listed.out).toMatch(new RegExp(`${id} +load-tests`))
  expect(listed.out).not.toContain('whsec_')
  expect((await by('result-key', 'make', 'shop', 'load-tests', '--expires', '90m')).code).toBe(2)
  expect((await by('result-key', 'make', 'shop', 'nobody')).code).toBe(2)
  expect((await by('result-key', 'remove', 'shop', id)).code).toBe(0)
  expect((await by('result-key', 'remove', 'shop', id)).code).toBe(2)
})

test('a login says what commands ask, also where a variable goes before it', async () => {
  const login = ['login', server.address, '--person', 'root']
  const plain = await server.holdpoint(admin, login, `${PASSWORD}\n`)
  expect(plain.out).toContain('commands ask it from now on')
  const store = join(server.folder, 'elsewhere')
  const named = await server.holdpoint(admin, login, `${PASSWORD}\n`, { HOLDPOINT_HOME: store })
  expect(named.out).not.toContain('commands ask it from now on')
  expect(named.out).toContain(`still ask the store in ${store}, because HOLDPOINT_HOME is set`)
  expect(named.out).toContain(`HOLDPOINT_SERVER=${server.address}`)
  const who = await server.holdpoint(admin, ['whoami'], '', { HOLDPOINT_HOME: store, HOLDPOINT_SERVER: server.address })
  expect(who.out).toContain(`at ${server.address}`)
})
