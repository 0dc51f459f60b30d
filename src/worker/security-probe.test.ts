import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { securityProbe } from '../checks/security-probe.ts'
import type { CheckResult } from '../core/ports/check.ts'
import { createCheckRunner } from './check-runner.ts'
import { realClock } from './clock.ts'
import { createOutbound } from './outbound.ts'
import { contextFor, fakeLauncher, releaseOf } from './release.fixture.ts'
import { createSecretVault } from './secret-vault.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Keeps the bodies it got. */
async function service(): Promise<{ readonly base: string; readonly bodies: Buffer[] }> {
  const bodies: Buffer[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      bodies.push(Buffer.concat(pieces))
      const isTooLarge = Buffer.concat(pieces).length > 10_000
      response.writeHead(isTooLarge ? 413 : 200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies }
}

function probe(base: string, environments: string): Promise<CheckResult> {
  const block = `- [ ] Probe\n  \`\`\`yaml check\n  kind: security-probe\n  base: ${base}\n  payloads: { requests: ['POST /notes { "text": "PAYLOAD" }'], oversize: 20kB }\n  \`\`\`\n`
  const state = releaseOf({
    frontMatter: `environments: ${environments}`,
    steps: block,
    checks: [securityProbe as never],
  })
  const check = state.plan.steps[0]?.block
  if (check?.word !== 'check') return expect.fail('the step has no check')
  const runner = createCheckRunner({
    checks: [securityProbe as never],
    clock: realClock(),
    outbound: createOutbound(),
    vault: createSecretVault({}),
    metric: () => Promise.resolve({ noData: 'none' }),
    launcher: fakeLauncher({}),
    environment: () => Promise.resolve({}),
  })
  return runner.run(check, contextFor(state))
}

test('bytes that are no text go out as they are, through the guard of addresses', async () => {
  const { base, bodies } = await service()
  const result = await probe(base, '{ staging: {} }')
  expect(result.outcome, result.say).toBe('passed')
  expect(bodies.some((body) => body.includes(Buffer.from([0x22, 0xff, 0xfe, 0xc0, 0xaf, 0x22])))).toBe(true)
})

test('a release to a protected environment sends nothing that disturbs, whatever the environment is called', async () => {
  const { base, bodies } = await service()
  expect(await probe(base, '{ eu: { protected: true } }')).toMatchObject({
    outcome: 'errored',
    say: expect.stringMatching(/^eu is a protected environment: nothing was sent/),
  })
  expect(bodies).toEqual([])
})
