/** What `doctor` learns from checks that only look around where commands run, or greet: problems say what to do. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckPowers } from '../core/ports/check.ts'
import { checks } from './index.ts'
import { testPowers } from './parts/powers.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-probes-'))
const kept = join(root, 'backups')
const git = (...words: readonly string[]): void =>
  void execFileSync('git', ['-c', 'user.name=ana', '-c', 'user.email=ana@example.com', ...words], { cwd: root })
beforeAll(() => {
  mkdirSync(kept)
  writeFileSync(join(root, 'app.log'), 'listening\n')
  git('init', '--quiet')
  git('commit', '--quiet', '--allow-empty', '--message', 'x')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function probe(
  kind: string,
  config: Readonly<Record<string, unknown>>,
  powers: Partial<CheckPowers> = {},
): Promise<string> {
  const definition = checks.find((one) => one.kind === kind)
  const parsed = definition?.config.parse(config) as never
  const answer = await definition
    ?.probe?.(parsed, testPowers({ root, ...powers }))
    .catch((fault: Error) => ({ ok: false, say: fault.message }))
  return `${answer?.ok ? 'ok' : 'bad'}: ${answer?.say}`
}

const gone = '/no/such/folder'
const drill = { server: 'postgres://drill@scratch.internal/postgres', production: 'db.internal', tables: { a: '>= 1' } }
const broken = { production: ['shop.example'], survives: [{ kind: 'tcp', host: '127.0.0.1', port: 9 }] }

test.each([
  ['backup', { files: `${kept}/*.dump`, 'newer-than': '1h' }, `ok: ${kept} can be read`],
  ['backup', { files: `${gone}/*.dump`, 'newer-than': '1h' }, `bad: ${gone} is not there`],
  [
    'secrets-backup',
    { files: `${kept}/*.age`, decrypt: 'no-such-age --decrypt', 'newer-than': '1h' },
    'bad: no-such-age is not there: install it where commands run',
  ],
  ['restore-drill', { dumps: `${gone}/*.dump`, ...drill }, `bad: ${gone} is not there`],
  [
    'failover',
    { ...broken, break: 'no-such-breaker a', mend: 'true' },
    'bad: no-such-breaker is not there: install it',
  ],
  ['failover', { ...broken, break: 'true', mend: 'true' }, 'ok: it would be broken and mended here'],
  ['failover', { ...broken, break: 'bash -c shop.example', mend: 'true' }, 'bad: a command speaks of shop.example'],
  ['log', { path: 'app.log', forbid: 'x' }, 'ok: it can be read'],
  ['log', { path: 'other.log', forbid: 'x' }, 'bad: there is no log at other.log'],
  ['tls', { host: '127.0.0.1', port: 9 }, 'bad: '],
])('%s %j: %s', async (kind, config, says) => {
  expect(await probe(kind, config)).toContain(says)
})

test('a repository is read, and a remote that is not there is told', async () => {
  const cwd = (command: CheckPowers['command']): Partial<CheckPowers> => ({
    command: (request) => command({ ...request, cwd: root }),
  })
  const here = cwd(testPowers().command)
  expect(await probe('git', { clean: true }, here)).toMatch(/^ok: the repository is at [0-9a-f]{7,}$/)
  expect(await probe('git', { pushed: 'nowhere' }, here)).toMatch(/^bad: .*'nowhere' does not appear to be a git/)
})

test('a load names what does not answer and what is production, a receiver a port that is taken', async () => {
  const server = createServer((_request, response) => void response.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const load = { url, users: 2, for: '10s' }
  try {
    expect(await probe('load', { ...load, production: ['shop.example'] })).toBe(`ok: ${url} answers (200)`)
    expect(await probe('load', { ...load, production: ['127.0.0.1'] })).toMatch(/^bad: .*say in-production: true$/)
    const memory = { url: 'http://127.0.0.1:9/metrics' }
    expect(await probe('soak', { ...load, for: '1h', production: ['shop.example'], memory })).toMatch(
      /^bad: it cannot be reached [^;]*$/,
    )
    const sink = { command: 'true', count: 1 }
    expect(await probe('webhook-sink', sink)).toMatch(/^ok: /)
    const taken = await probe('webhook-sink', { ...sink, port, public: url })
    expect(taken).toMatch(/^bad: /)
    expect(taken).toContain(String(port))
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
