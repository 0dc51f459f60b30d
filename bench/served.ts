/** What the benches of a server share: a real `serve` with an administrator, and releases that wait for a person. */
import { readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { startTeamServer, type TeamServer } from '../test/support/team-server.ts'

export interface Served {
  readonly team: TeamServer
  readonly port: number
  /** Sent with every request of the administrator. */
  readonly headers: Readonly<Record<string, string>>
  post(path: string, body: unknown): Promise<unknown>
  get(path: string): Promise<unknown>
}

const held =
  '---\nholdpoint: 1\n---\n# Held\n\n- [ ] Somebody says that it may go\n- [ ] Somebody looks at the numbers\n'

export async function startServed(
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const team = await startTeamServer(flags, environment)
  const key = new URL(team.setupLink).hash.slice(1)
  const plain = { 'content-type': 'application/json' }
  const person = { organisation: 'bench', project: 'shop', person: 'root', name: 'Root', email: null }
  const answer = await fetch(`${team.address}/v1/setup`, {
    method: 'POST',
    headers: plain,
    body: JSON.stringify({ key, ...person, password: 'correct staple horse battery', as: 'token' }),
  })
  const { session } = (await answer.json()) as { session: string }
  const headers = { authorization: `Bearer ${session}` }
  const told = async (response: Response): Promise<unknown> => {
    if (response.ok) return response.json()
    throw new Error(`${response.status} ${await response.text()}`)
  }
  return {
    team,
    port: Number(new URL(team.address).port),
    headers,
    post: async (path, body) =>
      told(
        await fetch(`${team.address}${path}`, {
          method: 'POST',
          headers: { ...headers, ...plain },
          body: JSON.stringify(body),
        }),
      ),
    get: async (path) => told(await fetch(`${team.address}${path}`, { headers })),
  }
}

/** Releases of services of their own, each waiting for a person. */
export async function startHeld(served: Served, count: number): Promise<readonly string[]> {
  const { kinds } = await import('../src/app/app.ts')
  const { compile } = await import('../src/core/plan/compile.ts')
  const releases: string[] = []
  const start = async (index: number): Promise<void> => {
    const text = held.replace('holdpoint: 1', `holdpoint: 1\nservice: held-${index}`)
    const bytes = Buffer.from(text)
    const { plan } = compile({ file: 'held.md', bytes, shared: null }, kinds())
    if (plan === null) throw new Error('the checklist of this bench does not compile')
    const document = { file: 'held.md', base64: bytes.toString('base64'), shared: null, digest: plan.digest }
    const rest = {
      previous: null,
      inputs: {},
      artefact: null,
      supersede: false,
      rehearsal: false,
      idempotencyKey: null,
    }
    const workspace = { root: '/', commit: null, dirty: false }
    const body = { document, version: '2', environment: 'production', project: 'shop', workspace, ...rest }
    const { release } = (await served.post('/v1/releases', body)) as { release: string }
    releases.push(release)
  }
  for (let from = 0; from < count; from += 8)
    await Promise.all(Array.from({ length: Math.min(8, count - from) }, (_, at) => start(from + at)))
  return releases
}

/** Machines that may read, with a token each: a server slows down one caller long before it is busy. */
export async function readersOf(served: Served, count: number): Promise<readonly Readonly<Record<string, string>>[]> {
  const place = { organisation: 'bench', project: null, environment: null }
  const one = async (index: number): Promise<Readonly<Record<string, string>>> => {
    const machine = `reader-${index}`
    await served.post('/v1/machines', { machine, about: 'reads', place })
    await served.post('/v1/grants', { holder: machine, role: 'viewer', place })
    const scope = { place, rights: null, labels: [] }
    const asked = { holder: machine, name: 'bench', scope, expires: Date.now() + 3_600_000 }
    const { secret } = (await served.post('/v1/tokens', asked)) as { secret: string }
    return { authorization: `Bearer ${secret}` }
  }
  const readers: Readonly<Record<string, string>>[] = []
  for (let index = 0; index < count; index += 1) readers.push(await one(index))
  return readers
}

/** Seconds of processor time that a process has used so far. */
export function processorSeconds(pid: number): number {
  const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '').split(' ')
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return (Number(fields[11]) + Number(fields[12])) / ticks
}
