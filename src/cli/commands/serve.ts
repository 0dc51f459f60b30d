/** `serve`: the engine of this store with a listener for the network, until it is asked to end. */
import { isIP } from 'node:net'
import type { Run, Values } from '../command-entry.ts'
import { UsageFault, type ExitCode } from '../faults.ts'
import { flag, list, text } from '../values.ts'

const PORT = 4680

export const serve: Run = async (context, _words, options) => {
  const { readConfig } = await import('../../config/config.ts')
  const { serve: serveStore } = await import('../../app/serving.ts')
  const database = text(options, 'database')
  const checkpoint = text(options, 'checkpoint')
  const config = readConfig(process.env, {
    store: context.config.home,
    ...(database === null ? {} : { database }),
    ...(checkpoint === null ? {} : { checkpoint }),
    ...localWorker(options),
  })
  const network = {
    host: text(options, 'host') ?? '127.0.0.1',
    port: portOf(text(options, 'port')),
    tls: tlsOf(text(options, 'tlsCert'), text(options, 'tlsKey')),
    proxies: list(options, 'trustProxy').map(proxyAddress),
    urls: list(options, 'url').map(publicUrl),
  }
  const { openIdSettings } = await import('../../config/openid-settings.ts')
  const openid = openIdSettings(process.env, {
    issuer: text(options, 'openidIssuer'),
    client: text(options, 'openidClient'),
    secretFile: text(options, 'openidSecretFile'),
    join: text(options, 'openidJoin'),
    allow: list(options, 'openidAllow'),
    scopes: list(options, 'openidScope'),
  })
  const code = await serveStore(config, {
    network,
    retain: text(options, 'retain'),
    metricsPort: text(options, 'metricsPort') === null ? null : portOf(text(options, 'metricsPort')),
    openid,
    onReady: ({ origins, setupKey }) => {
      const [address = ''] = origins
      if (context.json)
        return context.out(JSON.stringify({ address, origins, setup: setupKey && linkOf(address, setupKey) }))
      context.out(`Holdpoint serves ${address}`)
      if (setupKey !== null)
        context.out(
          `\nNobody can sign in yet. Make the first administrator within 24 hours: open the link in a browser, or\n  holdpoint login '${linkOf(address, setupKey)}'\nIt works once. Whoever has it can become the administrator.`,
        )
    },
    onFault: (why) => context.err(`holdpoint: ${why}`),
  })
  return code as ExitCode
}

/** Which environments' commands the server runs itself. */
function localWorker(options: Values): { localEnvironments?: readonly string[] } {
  const given = text(options, 'localWorker')
  if (flag(options, 'noLocalWorker') || options['localWorker'] === false) return { localEnvironments: [] }
  if (given === null) return {}
  const names = given.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '')) return { localEnvironments: names }
  throw new UsageFault(
    `--local-worker is "${given}", expected names between commas, for example --local-worker staging,dev`,
  )
}

/** Behind the hash: a browser sends it to nobody, and no log keeps it. */
function linkOf(address: string, key: string): string {
  return `${address}/setup#${key}`
}

function tlsOf(cert: string | null, key: string | null): { cert: string; key: string } | null {
  if (cert === null && key === null) return null
  if (cert === null || key === null)
    throw new UsageFault('TLS takes both files. For example: --tls-cert server.crt --tls-key server.key')
  return { cert, key }
}

function portOf(given: string | null): number {
  const port = Number(given ?? PORT)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new UsageFault(`--port is "${given}", expected a number up to 65535, for example --port 4680`)
}

/** Compared with where a connection comes from, so a name or a range would never fit. */
export function proxyAddress(text: string): string {
  if (isIP(text) !== 0) return text
  throw new UsageFault(
    `--trust-proxy is "${text}", expected the address of one proxy in numbers, for example --trust-proxy 10.0.0.2 (given again for each)`,
  )
}

function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '')
    throw new UsageFault(
      `--url "${text}": expected an address without a path, for example --url https://releases.example.com`,
    )
  return url.origin
}
