/** A protected environment from the command line: claimed decisions are refused with a sentence, signed ones are recorded. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClient } from '../api/open-client.ts'
import { readConfig } from '../config/config.ts'
import type { Actor } from '../core/release/events.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''
let release = ''
/** Answers every query with a number that is fine. */
const numbers = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
  request.on('end', () => {
    const at = Number(new URLSearchParams(body).get('time'))
    const result = [{ metric: {}, value: [at, '0.1'] }]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
  })
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-signed-'))
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
  const key = (await readFile(join(folder, 'key.pub'), 'utf8')).trim()
  await new Promise<void>((resolve) => numbers.listen(0, '127.0.0.1', resolve))
  await writeFile(join(folder, 'release.md'), checklist(key, (numbers.address() as AddressInfo).port))
  const waiting = await holdpoint(['run', 'release.md', '--version', '2', '--previous', '1', '--json'])
  release = (JSON.parse(waiting.out) as { release: string }).release
})
afterAll(async () => {
  await holdpoint(['release', 'abort', release, '--reason', 'the test is over'])
  numbers.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
})

const checklist = (key: string, port: number) => `---
holdpoint: 1
service: shop
environments: { production: { protected: true } }
roles: { lead: [{ id: ana, key: "${key}" }] }
sources: { prom: { kind: prometheus, url: "http://127.0.0.1:${port}" } }
---
# Shop

## Checks

- [ ] Never true
  \`\`\`sh check
  exit 7
  \`\`\`
- [ ] Schema changed?
- [ ] Register the release
  \`\`\`sh run timeout=300ms irreversible="a register forgets nothing"
  sleep 20
  \`\`\`

## Rollout

- [ ] Traffic moves
  \`\`\`yaml rollout
  components:
    web: { traffic: command, set: 'echo "$HOLDPOINT_WEIGHT" > weight', read: cat weight, restore: echo 0 > weight }
  stages:
    - { weight: 10%, soak: 200ms, promote: lead }
    - { weight: 100%, soak: 200ms }
  judge:
    every: 200ms
    metrics:
      pool: { kind: gauge, source: prom, query: pool, rollback: "> 80%" }
  \`\`\`
`

function holdpoint(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home'), HOLDPOINT_ENGINE_IDLE: '1s' }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

/** Who decided, as the record has it. */
async function whoDid(kind: string): Promise<Actor | undefined> {
  const client = await openClient(readConfig({ HOLDPOINT_HOME: join(folder, 'home') }))
  try {
    return (await client.events(release)).find(({ event }) => event.kind === kind)?.by
  } finally {
    client.close()
  }
}

/** Claimed it is refused with exit 1 and the flag to use; signed with the listed key it is accepted. */
async function onlySigned(args: readonly string[], name = '--as'): Promise<void> {
  const claimed = await holdpoint([...args, name, 'ana'])
  expect(claimed.code).toBe(1)
  expect(claimed.err).toMatch(/production is protected: .* needs the SSH key .* --sign /)
  const signed = await holdpoint([...args, name, 'ana', '--sign', 'key'])
  expect(signed.err).toBe('')
  expect(signed.code).toBe(0)
}

test('a key that nobody listed, and a name that the key does not belong to, sign nothing', async () => {
  const other = join(folder, 'other')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
  const leave = ['release', 'abort', release, '--leave', '--reason', 'x', '--confirm', release]
  for (const [name, key] of [
    ['ana', 'other'],
    ['eve', 'key'],
  ] as const) {
    const answer = await holdpoint([...leave, '--as', name, '--sign', key])
    expect(answer.code).toBe(1)
    expect(answer.err).toContain('This signature is by no key listed under roles:')
  }
})

test('what opens a gate without a pass is refused claimed and recorded signed', { timeout: 60_000 }, async () => {
  const shown = await holdpoint(['release', 'show', release])
  expect(shown.out).toMatch(/release waive .* --sign KEYFILE/)
  expect(shown.out).not.toMatch(/release (retry|answer) .* --sign/)

  await onlySigned(['release', 'waive', release, 'never true', '--role', 'lead', '--reason', 'known'])
  expect(await whoDid('StepWaived')).toMatchObject({ id: 'ana', assurance: 'signed' })

  await holdpoint(['release', 'hold', release, '--reason', 'odd'])
  await onlySigned(['release', 'resume', release, '--reason', 'fine'])
  expect(await whoDid('HoldLifted')).toMatchObject({ id: 'ana', assurance: 'signed' })

  await onlySigned(['release', 'not-applicable', release, 'schema', '--reason', 'no schema change'])
  expect((await holdpoint(['release', 'watch', release])).code).toBe(3)
  await onlySigned(['release', 'settle', release, 'register', '--as', 'done', '--reason', 'it is listed'], '--by')
  expect(await whoDid('AttemptSettled')).toMatchObject({ id: 'ana', assurance: 'signed' })

  const waiting = await holdpoint(['release', 'watch', release])
  expect(waiting.code).toBe(3)
  expect(waiting.out).toMatch(/release promote .* --sign KEYFILE/)

  await onlySigned(['release', 'promote', release, '--role', 'lead'])
  expect(await whoDid('Promoted')).toMatchObject({ id: 'ana', assurance: 'signed' })
  expect((await holdpoint(['release', 'watch', release])).code).toBe(0)
})
