/** `yaml check kind: vnc`: a remote desktop shakes hands, directly or over a WebSocket, and shows a screen to who has the password. */
import { z } from 'zod'
import { type CheckDefinition, type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { ConfigFault } from './parts/fields.ts'
import { filledUrl, putter } from './parts/filled.ts'
import { judged } from './parts/judged.ts'
import { hostField, passwordField, portField, reach } from './parts/place-fields.ts'
import { oneLine } from './parts/say.ts'
import { faultResult, openWire, WireFault } from './parts/wire.ts'
import { type Bytes, type Seen, shakeHands, VncFault } from './vnc-session/handshake.ts'
import { bytesOver } from './vnc-session/over-websocket.ts'
import { openSocket } from './websocket-talk/connection.ts'

const config = z
  .strictObject({
    host: hostField.optional(),
    port: portField(5900),
    url: z
      .string()
      .regex(/^(wss?:\/\/|\{\{)/, { error: 'expected an address such as wss://desk.example.com/websockify' })
      .optional()
      .describe('Address of a WebSocket, in place of host and port'),
    protocols: z.array(z.string().min(1)).default([]).describe('Subprotocols that are offered, such as binary'),
    password: passwordField.optional(),
    locked: z.boolean().default(false).describe('Nobody may get in without a password'),
  })
  .refine(({ host, url }) => (host === undefined) !== (url === undefined), {
    error: 'expected either host (and port) or url',
  })

type Config = z.infer<typeof config>

export const vnc: CheckDefinition<Config> = defineCheck({
  kind: 'vnc',
  summary: 'A remote desktop shakes hands, directly or over a WebSocket, and shows a screen to who has the password',
  config,
  needs: ['place', 'secret'],
  timeoutMs: 20_000,
  example:
    '```yaml check expect="width >= 1024"\nkind: vnc\nurl: wss://desk.example.com/websockify\npassword: "{{ secret.API_TOKEN }}"\nlocked: true\n```',
  facts: { version: 'string', security: 'list', width: 'int', height: 'int', name: 'string' },
  async run(given, powers) {
    const { where, open } = await route(given, powers)
    let wire: Bytes | null = null
    try {
      wire = await open()
      const password = given.password === undefined ? null : putter(powers)(given.password, 'none')
      return decide(where, await shakeHands(wire, password), given, powers)
    } catch (error) {
      if (error instanceof VncFault) return failed(`${where} ${error.message}`)
      return faultResult(where, error, powers.signal)
    } finally {
      wire?.end()
    }
  },
  async probe(given, powers) {
    const { outcome, say } = await vnc.run(given, { ...powers, expectation: null, expect: () => null })
    return { ok: outcome === 'passed', say }
  },
})

interface Route {
  readonly where: string
  readonly open: () => Promise<Bytes>
}

async function route(given: Config, powers: CheckPowers): Promise<Route> {
  if (given.host !== undefined) {
    const { place, where } = await reach('vnc', { host: given.host, port: given.port }, powers)
    return { where, open: async () => openWire(place, null, powers.signal) }
  }
  const url = URL.parse(filledUrl(given.url ?? '', putter(powers)))
  if (url === null || !/^wss?:$/.test(url.protocol))
    throw new ConfigFault(`${given.url} does not come out as an address that begins with ws:// or wss://`)
  const port = url.port || (url.protocol === 'wss:' ? 443 : 80)
  const place = await powers.place(`${url.protocol}//${url.hostname}:${port}`)
  const open = async (): Promise<Bytes> => {
    const opened = await openSocket(place, { url: url.href, headers: {}, protocols: given.protocols }, powers)
    if ('why' in opened) throw new WireFault(`it does not let in: ${opened.why}`, true)
    return bytesOver(opened, powers.signal)
  }
  return { where: `${url.host}${url.pathname}`, open }
}

function decide(where: string, seen: Seen, given: Config, powers: CheckPowers): CheckResult {
  const { version, security, screen } = seen
  const facts = {
    version,
    security,
    width: screen?.width ?? null,
    height: screen?.height ?? null,
    name: screen?.name ?? null,
  }
  const ways = security.join(', ')
  if (given.locked && security.includes('None'))
    return { ...failed(`${where} lets in without a password: it offers ${ways}`), facts }
  const shown = screen === null ? 'nobody was let in' : `a screen of ${screen.width} × ${screen.height}, ${screen.name}`
  return judged(powers, facts, {
    say: oneLine(`${where} speaks RFB ${version}, offers ${ways}; ${shown}`),
    evidence: [],
  })
}

function failed(say: string): CheckResult {
  return { outcome: 'failed', say: oneLine(say), evidence: [] }
}
