/** Starts the demo's world in a process of its own, and ends it by its id. */
import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface WorldAddresses {
  /** What customers call: the proxy before both versions. */
  readonly shop: string
  /** The proxy's own page: reads and sets the weight. */
  readonly admin: string
  readonly stable: string
  readonly canary: string
  /** Takes webhook messages, and shows them. */
  readonly inbox: string
}

export interface WorldSettings {
  /** What the new version gets wrong. */
  readonly bad: false | 'errors' | 'latency'
  readonly seed: number
  readonly perSecond: number
  readonly previous: string
  readonly version: string
}

export interface World extends WorldAddresses {
  readonly settings: WorldSettings
  readonly pid: number
  stop(): Promise<void>
}

export const demoVersions = { previous: '1.8.2', version: '1.9.0' } as const

export async function startWorld(given: Partial<WorldSettings> = {}): Promise<World> {
  const settings: WorldSettings = { bad: false, seed: 1, perSecond: 400, ...demoVersions, ...given }
  // Beside this file under the same ending: TypeScript in a checkout, JavaScript in the package.
  const main = fileURLToPath(new URL(`./world-main${extname(import.meta.url)}`, import.meta.url))
  const child = spawn(process.execPath, [main, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000)
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const addresses = await new Promise<WorldAddresses>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as WorldAddresses))
    child.once('error', reject)
    void gone.then(() => reject(new Error(`The demo's services did not start: ${said.trim()}`)))
  })
  return {
    ...addresses,
    settings,
    pid: child.pid ?? 0,
    async stop() {
      child.stdin.end()
      const kill = setTimeout(() => child.kill('SIGKILL'), 3000)
      await gone
      clearTimeout(kill)
    },
  }
}
