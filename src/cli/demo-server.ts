/** The demo's own server, and the way into its pages: one person, signed in by a link that works once and on this machine only. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { dirname, extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Client, DocumentBody } from '../api/client-types.ts'

export interface DemoServer {
  /** `http://127.0.0.1:41234` */
  readonly address: string
  readonly setupKey: string
  stop(): Promise<void>
}

/** Who sits in front of the browser. */
export const SPECTATOR = 'you'
const END_PATIENCE_MS = 20_000

/** Rejects with the server's own words when it does not come up, or has no pages. */
export async function startDemoServer(store: string): Promise<DemoServer> {
  const here = fileURLToPath(import.meta.url)
  const main = join(dirname(here), '..', 'app', `demo-server-main${extname(here)}`)
  // A group of its own: Ctrl-C reaches the demo, which decides when its server ends.
  const child = spawn(process.execPath, [main, store], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  child.stdin.on('error', () => undefined)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)))
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const told = await new Promise<{ origins: readonly string[]; setupKey: string | null }>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as never))
    child.once('error', reject)
    void gone.then(() => reject(new Error(said.trim())))
  })
  const stop = async (): Promise<void> => {
    child.stdin.end()
    const kill = setTimeout(() => child.kill('SIGKILL'), END_PATIENCE_MS)
    await gone
    clearTimeout(kill)
  }
  const address = told.origins[0] ?? ''
  const page = await fetch(address).catch(() => null)
  if (page?.ok !== true) {
    await stop()
    throw new Error(said.trim())
  }
  return { address, setupKey: told.setupKey ?? '', stop }
}

/** Sets the server up as `holdpoint login` would, with the checklist of the demo registered in a project. */
export async function furnish(server: DemoServer, client: Client, document: DocumentBody): Promise<void> {
  await client.ask('POST', '/v1/setup', {
    key: server.setupKey,
    organisation: 'demo',
    project: 'shop',
    person: SPECTATOR,
    name: 'You',
    email: null,
    // Nobody ever types it: the way in is the link.
    password: randomBytes(24).toString('base64url'),
    as: 'token',
  })
  await client.ask('POST', '/v1/projects/shop/checklists', { name: 'release', document })
}

/** An invitation: the page behind it chooses a password that nobody has to remember. The server takes it once. */
export async function linkInto(server: DemoServer, client: Client): Promise<string> {
  const { invitation } = await client.ask<{ invitation: string }>('POST', `/v1/people/${SPECTATOR}/invitation`, {})
  return `${server.address}/enter#${invitation}`
}
