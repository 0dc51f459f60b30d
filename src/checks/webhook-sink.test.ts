import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signatureOf } from '../notify/webhook.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { signatureProblem, type SignatureRule } from './webhook-receiver/signature.ts'
import { webhookSink } from './webhook-sink.ts'

const key = 'a-signing-key'

interface Order {
  readonly url?: string
  readonly bodies?: readonly string[]
  readonly key?: string
  /** It answers first and sends then. */
  readonly isLate?: boolean
}

/** A shop that sends what it is told to the address it is told, signed, and again where that is refused. */
const seen: string[] = []
const shop = createServer((request, response) => {
  seen.push(`${request.method} ${request.url}`)
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const order = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Order
    const answer = (): void => void response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":7}')
    const sent = sendAll(order.url ?? '', order.bodies ?? [], order.key ?? key).catch(() => response.destroy())
    if (order.isLate === true) answer()
    else void sent.then(answer)
  })
})

async function sendAll(url: string, bodies: readonly string[], signedBy: string): Promise<void> {
  for (const body of bodies) {
    for (let tries = 0; tries < 3; tries += 1) {
      const signature = createHmac('sha256', signedBy).update(body).digest('hex')
      const answer = await fetch(url, { method: 'POST', body, headers: { 'x-signature': `sha256=${signature}` } })
      if (answer.ok) break
    }
  }
}

let base = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
})
afterAll(() => {
  shop.closeAllConnections()
  shop.close()
})

const signature = { header: 'X-Signature', secret: '{{ secret.HOOK_KEY }}' }
const order = (bodies: readonly string[], more = ''): string =>
  `POST ${base}/hooks\n\n{ "url": "{{ sink_url }}", "bodies": ${JSON.stringify(bodies)}${more} }`
const receive = (config: Record<string, unknown>, overrides: Parameters<typeof runCheck>[2] = {}) =>
  runCheck(webhookSink as never, { within: '20s', ...config }, { secret: () => key, ...overrides })

test('a delivery that comes signed passes, expect sees it, and what was made is taken back', async () => {
  seen.length = 0
  const result = await receive(
    {
      trigger: `# @capture id = body.id\n${order(['{"type":"order.created","total":12}'], ', "isLate": true')}\n\n###\n# @cleanup\nDELETE ${base}/hooks/{{ id }}`,
      signature,
    },
    { expectation: 'deliveries.all(d, d.body.type == "order.created" && d.signed) && first_ms < 60000.0' },
  )
  expect(result, result.say).toMatchObject({ outcome: 'passed', facts: { count: 1, good: 1, success: 100 } })
  expect(result.say).toMatch(/^1 of 1 delivery came, the last after .*, 1 signed as they should$/)
  expect(seen).toEqual(['POST /hooks', 'DELETE /hooks/7'])
  expect(evidenceText(result)).toContain('"order.created"')
})

test('a command may send, to an address that only it is told', async () => {
  const result = await receive({
    command: `curl -fsS -d '{"n":1}' "$SINK_URL" && curl -sS "$SINK_URL/more" -o /dev/null`,
  })
  expect(result, result.say).toMatchObject({ outcome: 'passed', facts: { count: 1 } })
  expect(result.say).toMatch(/\(1 no delivery: GET \/.*\/more\)/)
})

test('a delivery that is turned away has to come again', async () => {
  const once = await receive({ trigger: order(['a']), answers: [503, 200] })
  expect(once, once.say).toMatchObject({ outcome: 'passed', facts: { count: 1 } })
  expect(once.say).toContain('1 turned away as asked')
  const never = await receive({ trigger: order(['a']), answers: [503], within: '300ms' })
  expect(never).toMatchObject({ outcome: 'failed' })
  expect(never.say).toContain('0 of 1 delivery came')
})

test('too few, too many, and those signed by somebody else fail with their numbers', async () => {
  const few = await receive({ trigger: order(['a order', 'b']), count: 2, match: 'order', within: '300ms' })
  expect(few.say).toBe('1 of 2 deliveries came (1 without the match) within 300ms')
  const many = await receive({ trigger: order(['a', 'a', 'a']), 'at-most': 1, settle: '1s' })
  expect(many.say).toMatch(/^3 deliveries came, expected at most 1$/)
  const forged = await receive({ trigger: order(['a'], ', "key": "another"'), signature })
  expect(forged.say).toBe(
    '1 of 1 delivery came, 1 not signed as they should: its signature is not that of its sha256 and this secret',
  )
  for (const { outcome } of [few, many, forged]) expect(outcome).toBe('failed')
})

test('a share of deliveries is enough where the document says so', async () => {
  const config = { trigger: order(['a', 'b', 'c']), count: 4, within: '500ms' }
  const enough = await receive({ ...config, success: '75%' })
  expect(enough, enough.say).toMatchObject({ outcome: 'passed', facts: { success: 75 } })
  const short = await receive({ ...config, success: '80%' })
  expect(short.say).toContain('75 %, expected at least 80 %')
})

test('signatures in the forms of known services are told from forged, stale and missing ones', () => {
  const at = 1_700_000_000_000
  const time = String(at / 1_000)
  const hmac = (text: string, coding: 'hex' | 'base64', secret = key) =>
    createHmac('sha256', secret).update(text).digest(coding)
  const rule = (form: SignatureRule['form']): SignatureRule => ({
    form,
    header: null,
    algorithm: 'sha256',
    secret: key,
  })
  const good = {
    hex: { 'x-hub-signature-256': `sha256=${hmac('{}', 'hex')}` },
    base64: { 'x-signature': hmac('{}', 'base64') },
    stripe: { 'stripe-signature': `t=${time},v1=${'0'.repeat(64)},v1=${hmac(`${time}.{}`, 'hex')}` },
    slack: { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${hmac(`v0:${time}:{}`, 'hex')}` },
    standard: {
      'webhook-id': 'm1',
      'webhook-timestamp': time,
      'webhook-signature': signatureOf(key, 'm1', time, '{}'),
    },
  }
  for (const [form, headers] of Object.entries(good) as [SignatureRule['form'], Record<string, string>][]) {
    const of = (more: Partial<{ body: string; at: number }>) =>
      signatureProblem(rule(form), { headers, body: new TextEncoder().encode(more.body ?? '{}'), at: more.at ?? at })
    expect([form, of({})]).toEqual([form, null])
    expect([form, of({ body: '{ }' })]).toEqual([form, expect.stringContaining('its signature is not that')])
    const isTimed = !['hex', 'base64'].includes(form)
    if (isTimed) expect([form, of({ at: at + 301_000 })]).toEqual([form, 'its signature is 301 s away from its time'])
    expect(signatureProblem(rule(form), { headers: {}, body: new Uint8Array(), at })).toMatch(/^it has no /)
  }
})
