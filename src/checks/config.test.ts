import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { configCheck } from './config.ts'
import { readEnvFile } from './config-files/env-file.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { secretAt, secretInCode } from './parts/secret-shapes.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-config-'))
const flags = {
  features: [
    { name: 'checkout', on: true },
    { name: 'search', on: 'false' },
  ] as unknown[],
  status: 200,
}
const server = createServer((request, response) => {
  const isLetIn = request.headers.authorization === 'Bearer secret-FLAGS'
  response.writeHead(isLetIn ? flags.status : 401).end(JSON.stringify({ features: flags.features }))
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/flags`
})

afterAll(() => {
  server.close()
  rmSync(root, { recursive: true, force: true })
})

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true })
  writeFileSync(join(root, name), text)
}

function check(config: Record<string, unknown>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> {
  return runCheck(configCheck as never, config, { root, ...powers })
}

/** Made here, so that nothing that looks like a key stands in this repository. */
const awsKey = ['AKIA', 'QYLPMN5HHHFPZAM2'].join('')

describe('variables of an environment', () => {
  test('are complete against an example file, match, and are judged by expect; no value is kept', async () => {
    write('.env.example', 'PORT=\nDATABASE_URL=\nLOG_LEVEL=info\n')
    write(
      '.env.production',
      'export PORT="8443" # of the proxy\nDATABASE_URL=postgres://shop@db/shop\nLOG_LEVEL=warn\n',
    )
    const given = { files: ['.env.production'], like: '.env.example', matches: { DATABASE_URL: 'postgres://.*' } }
    const good = await check(given, { expectation: 'int(settings.PORT) > 1024' })
    expect(good).toMatchObject({ outcome: 'passed', say: '3 settings in .env.production, nothing amiss' })
    expect(JSON.stringify(good)).not.toContain('shop@db')
    expect((await check(given, { expectation: 'int(settings.PORT) < 1024' })).outcome).toBe('failed')
    expect((await check(given, { expectation: 'settings.NOPE == "x"' })).outcome).toBe('inconclusive')

    write('.env.production', 'PORT=\nDATABASE_URL=<your url>\nPORT=8443\nwhat is this\n')
    expect((await check({ ...given, matches: { PORT: '[0-9]{2}' } })).say).toBe(
      '.env.production:3 PORT was set in line 1 already; .env.production:4 expected NAME=value; DATABASE_URL still holds a placeholder and 2 more',
    )
  })

  test('that code reads are set here, or by something else that is named', async () => {
    write('app/main.py', 'import os\nport = os.environ["PORT"]\nzone = os.getenv("ZONE")\n')
    write('app.env', 'PORT=1\n')
    expect((await check({ files: ['app.env'], code: ['app/*.py'] })).say).toBe(
      'app/main.py reads ZONE, which is not set',
    )
    expect((await check({ files: ['app.env'], code: ['app/*.py'], elsewhere: ['ZONE'] })).outcome).toBe('passed')
    expect((await check({ files: ['app.env'], code: ['nowhere/*.py'] })).outcome).toBe('errored')
  })

  test('are read over several lines, in each kind of quotes', () => {
    const { values, problems } = readEnvFile('A="one\ntwo"\nB=\'x # y\'\nC=a#b #c\nD="q\\"\\n"\nE="open\n')
    expect({ ...values }).toEqual({ A: 'one\ntwo', B: 'x # y', C: 'a#b', D: 'q"\n', E: '' })
    expect(problems).toEqual([{ line: 6, why: 'the quotes of E are never closed' }])
  })
})

test('files are put together, a later one wins, and a broken one is said by its line without its text', async () => {
  write('base.yaml', 'server: { port: 80, host: a }\n')
  write('production.toml', '[server]\nport = 8443\n')
  const given = { files: ['base.yaml', 'production.toml'], equals: { 'server.port': 8443, 'server.host': 'a' } }
  expect((await check(given)).outcome).toBe('passed')
  write('bad.json', `{\n  "a": 1,\n  "password": "${awsKey}",\n  oops\n}`)
  write('twice.json', '{ "a": 1,\n "a": 2 }')
  const bad = await check({ files: ['bad.json', 'twice.json', 'gone.yaml'] })
  expect(bad.say).toMatch(/^bad\.json:\d is no JSON.*twice\.json:2 is no JSON: duplicate key; there is no gone\.yaml$/)
  expect(JSON.stringify(bad) + evidenceText(bad)).not.toContain(awsKey)
})

describe('feature flags', () => {
  const asked = (more: Record<string, unknown>): Record<string, unknown> => ({
    url,
    headers: { authorization: 'Bearer {{ secret.FLAGS }}' },
    list: { at: 'features', name: 'name', value: 'on' },
    ...more,
  })

  test('are those that were declared, of the same type, and no others', async () => {
    write('flags.json', '{ "checkout": true, "search": false }')
    expect((await check(asked({ 'same-as': 'flags.json' }))).say).toBe('search is "false", expected false')
    expect((await check(asked({ equals: { checkout: true } }))).outcome).toBe('passed')
    expect((await check(asked({ equals: { checkout: true }, 'nothing-else': true }))).say).toBe(
      'search is there, and nobody declared it',
    )
    expect((await check(asked({ equals: { gone: true } }))).say).toBe('gone is missing, expected true')
  })

  test('of a service that does not let in, or has something else, are not known', async () => {
    expect(await check(asked({ headers: {}, equals: { checkout: true } }))).toMatchObject({
      outcome: 'errored',
      say: expect.stringContaining('answers 401'),
    })
    expect((await check(asked({ list: { at: 'flags', name: 'name', value: 'on' }, equals: {} }))).outcome).toBe(
      'errored',
    )
  })
})

describe('secrets in clear', () => {
  test('in settings fail by their key, whatever their shape; references and placeholders do not', async () => {
    write(
      'app.yaml',
      `db: { password: hunter2, user: shop }\naws: { id: ${awsKey} }\nqueue: amqp://u:geheim1@mq/\nenv: [DB_PASSWORD=abc, MODE=a]\n` +
        'ok: { password: "${DB_PASSWORD}", api_key: vault:kv/x, token_ttl: 60, password_file: /run/secrets/db, max_tokens: 4096, image: "a@sha256:0f0f" }\n',
    )
    const found = await check({ files: ['app.yaml'] })
    expect(evidenceText(found).trim().split('\n')).toEqual([
      'app.yaml: db.password holds what looks like a secret in clear',
      'app.yaml: aws.id holds what looks like an AWS key',
      'app.yaml: queue holds what looks like a password in an address',
      'app.yaml: env.0 holds what looks like a secret in clear',
    ])
    expect(JSON.stringify(found)).not.toMatch(/hunter2|geheim1/)
    const except = ['db.password', 'aws.id', 'queue', 'env.0']
    expect((await check({ files: ['app.yaml'], except })).outcome).toBe('passed')
  })

  test('in source code fail with their line, and chance letters are told from words', async () => {
    write(
      'code/a.ts',
      `const fine = 'password'\nconst apiKey = '9fX2kQ-77aLmPz!'\nconst token = readToken('session_token_name')\n`,
    )
    write('code/b.bin', `\0${awsKey}`)
    expect((await check({ source: ['code/**'] })).say).toBe('code/a.ts:2 holds what looks like a secret in clear')
    expect((await check({ source: ['code/**'], except: ['code/a.*'] })).outcome).toBe('passed')
    expect(await check({ source: ['code/b.bin'] })).toMatchObject({
      outcome: 'inconclusive',
      say: 'no file of code/b.bin is text that counts, so nothing was looked at',
    })
    write('empty.env', '# nothing yet\n')
    expect(await check({ files: ['empty.env'] })).toMatchObject({
      outcome: 'inconclusive',
      say: 'empty.env: there is no setting in it, so nothing was looked at',
    })
    expect(secretInCode('password: process.env.PASSWORD')).toBeNull()
    expect(secretInCode("passwordField = 'current-password'")).toBeNull()
    expect(secretAt('SALT', 'Zx81Qm0Lr7Tn4Vb2Ws9Ke6Yd3Hc5Jg1Pf8Ua')).toBe('a key')
    expect(secretAt('GIT_COMMIT', '3f786850e387550fdab836ed7e6dc881de23001b')).toBeNull()
  })
})

describe('a compose file', () => {
  const sound = `services:
  web: { image: "shop:\${TAG:?say which}", depends_on: [db], ports: ["8080:80"], volumes: ["data:/data", "./a:/a"] }
  db: { image: postgres:15, networks: [back] }
volumes: { data: }
networks: { back: }
`

  test('fits together with its variables', async () => {
    write('compose.yaml', sound)
    write('.env', 'TAG=1.4.0\n')
    const given = { files: ['compose.yaml'], compose: true }
    expect(await check(given)).toMatchObject({ outcome: 'passed' })
    write('.env', '')
    expect((await check(given)).say).toBe('${TAG} has no value and no default')
    expect((await check({ ...given, elsewhere: ['TAG'] })).outcome).toBe('passed')
  })

  test.each([
    ['depends_on: [db]', 'depends_on: [cache]', 'service web: there is no service cache'],
    ['networks: [back]', 'networks: [front]', 'service db: there is no network front'],
    ['data:/data', 'files:/data', 'service web: there is no volume files'],
    [
      'image: postgres:15',
      'imgae: postgres:15',
      'service db: "imgae" is nothing that a service has; service db: it has neither image nor build',
    ],
    ['"8080:80"', '"web:80:x"', 'service web: "web:80:x" is no port'],
    ['networks: [back]', 'depends_on: { web: {} }', 'services wait for one another: web -> db -> web'],
    ['networks: [back]', 'ports: ["8080:5432"]', 'services web and db both want 8080 of the machine'],
    ['networks: [back]', 'env_file: [db.env]', 'there is no env_file db.env'],
    [
      'volumes: { data: }',
      'volume: { data: }',
      '"volume" is nothing that a compose file has; service web: there is no volume data',
    ],
  ])('with %s become %s is refused', async (before, after, say) => {
    write('broken.yaml', sound.replace(before, after))
    expect(await check({ files: ['broken.yaml'], compose: true, elsewhere: ['TAG'] })).toMatchObject({
      outcome: 'failed',
      say,
    })
  })
})

test.each([
  [{}, 'expected files, url or source'],
  [{ files: ['a'], url: 'http://x' }, 'one of them'],
  [{ files: ['.env'], 'nothing-else': true }, 'expected equals or same-as'],
  [{ source: ['a'], required: ['B'] }, 'expected files or url beside required'],
])('%j is refused in words', (config, words) => {
  expect(JSON.stringify(configCheck.config.safeParse(config).error?.issues)).toContain(words)
})
