/** An API over the real engine with a store in memory, for tests: nothing outside is touched. */
import { generateKeyPairSync } from 'node:crypto'
import { createEngine } from '../../engine/engine.ts'
import type { EngineService } from '../../engine/service.ts'
import type { EnginePorts } from '../../core/ports/engine.ts'
import type { Plan, StepPlan } from '../../core/plan/plan.ts'
import { digestOf } from '../../core/log/canonical.ts'
import { signerOf } from '../../report/signer.ts'
import { MemoryStore } from '../../store/memory.ts'
import { realClock } from '../../worker/clock.ts'
import { createApi } from '../api.ts'
import { Directory } from '../auth/directory.ts'
import { admitting } from '../queued-starts.ts'
import type { ApiDeps } from '../deps.ts'
import type { Door } from '../env.ts'

export interface World {
  readonly deps: ApiDeps
  readonly engine: EngineService
  readonly store: MemoryStore
  readonly lent: Record<string, string>
  /** By release. */
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly logged: readonly string[]
  stopped(): boolean
  /** Through the local socket, unless another door is given. */
  request(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  end(): Promise<void>
}

const noOutside = new Proxy(
  {},
  { get: () => () => Promise.reject(new Error('this test has no outside world')) },
) as never

export function world(
  plan: Plan = examplePlan(),
  overrides: Partial<EngineService> = {},
  door: Door = { kind: 'local', from: 'test' },
  more: Partial<ApiDeps> = {},
  outsideOf: (store: MemoryStore) => Partial<EnginePorts> = () => ({}),
): World {
  const store = new MemoryStore()
  const clock = realClock()
  const outside = {
    launcher: noOutside,
    judge: noOutside,
    checks: noOutside,
    commands: noOutside,
    observer: noOutside,
    traffic: noOutside,
    messenger: noOutside,
  }
  const ports: EnginePorts = { store, clock, ...outside, ...outsideOf(store) }
  let count = 0
  const compile: ApiDeps['compile'] = ({ bytes }) => compileExample(plan, Buffer.from(bytes).toString('utf8'))
  const real = createEngine(ports, {
    owner: 'test',
    ids: { suffix: () => `k${(count += 1)}` },
    jobs: 1,
    claimEveryMs: 100,
    admit: admitting({
      compile,
      about: { version: '1.2.3', pid: 7 },
      directory: new Directory(store, clock),
      now: () => clock.now(),
    }),
  })
  const engine = new Proxy(real, {
    get: (target, name) => {
      const found: unknown = Reflect.get(Object.hasOwn(overrides, name) ? overrides : target, name)
      return typeof found === 'function' ? (found.bind(target) as unknown) : found
    },
  })
  const closing = new AbortController()
  const lent: Record<string, string> = {}
  const environments: Record<string, Readonly<Record<string, string>>> = {}
  const logged: string[] = []
  let isStopped = false
  const deps: ApiDeps = {
    engine,
    store,
    clock,
    compile,
    lend: (secrets) => Promise.resolve(void Object.assign(lent, secrets)),
    lendEnvironment: (release, values) => void (environments[release] = { ...environments[release], ...values }),
    signer: () => signerOf(generateKeyPairSync('ed25519').privateKey),
    stop: () => {
      isStopped = true
    },
    closing: closing.signal,
    workspace: '/nowhere/workspace',
    web: { origins: ['http://holdpoint.test'], isSecure: false },
    about: {
      version: '1.2.3',
      build: '1.2.3+x',
      pid: 7,
      home: '/nowhere',
      startedAt: clock.now(),
      user: 'ana',
      serving: door.kind === 'tcp',
    },
    ...more,
  }
  const app = createApi(deps, (line) => logged.push(line))
  const attending = engine.attend()
  return {
    deps,
    engine,
    store,
    lent,
    environments,
    logged,
    stopped: () => isStopped,
    request: async (method, path, body, headers = {}) =>
      app.request(
        path,
        {
          method,
          ...(body === undefined
            ? {}
            : {
                body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
              }),
          headers: { ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...headers },
        },
        { door },
      ),
    end: async () => {
      closing.abort()
      await engine.stop()
      await attending
    },
  }
}

/** The text `broken` does not compile; any other is the example plan. */
function compileExample(plan: Plan, text: string): ReturnType<ApiDeps['compile']> {
  if (text !== 'broken') return { plan, problems: [] }
  const problem = {
    file: 'release.md',
    line: 3,
    column: 1,
    code: 'unknown-word',
    severity: 'error',
    found: 'chek',
    expected: 'check',
    example: '```sh check',
  } as const
  return { plan: null, problems: [problem] }
}

export function startBody(plan: Plan = examplePlan(), changes: Readonly<Record<string, unknown>> = {}) {
  return {
    document: {
      file: 'release.md',
      base64: Buffer.from(plan.document).toString('base64'),
      shared: null,
      digest: plan.digest,
    },
    version: '1.4.0',
    previous: null,
    environment: 'staging',
    inputs: {},
    workspace: { root: '/', commit: null, dirty: false },
    artefact: null,
    supersede: false,
    rehearsal: false,
    idempotencyKey: null,
    ...changes,
  }
}

export async function startExample(at: World): Promise<string> {
  const answer = await at.request('POST', '/v1/releases', startBody())
  const body = (await answer.json()) as { release: string }
  if (answer.status !== 201) throw new Error(`the example does not start: ${JSON.stringify(body)}`)
  return body.release
}

export function examplePlan(roles: Plan['roles'] = {}): Plan {
  const steps = [answerStep('ready', []), approveStep('go-live', ['ready'])]
  const body: Omit<Plan, 'digest'> = {
    format: 1,
    name: 'Example',
    service: 'shop',
    source: { file: 'release.md', sha256: 'a'.repeat(64) },
    document: '- [ ] ready\n- [ ] go-live\n',
    environments: {},
    inputs: {},
    env: [],
    secrets: {},
    sources: {},
    roles,
    channels: {},
    windows: {},
    contacts: {},
    phases: [
      {
        id: 'gate',
        title: 'Gate',
        kind: 'gate',
        line: 1,
        environment: null,
        when: null,
        window: null,
        lead: null,
        owner: null,
        branch: null,
        for: null,
      },
    ],
    steps,
    triggers: [],
    messages: [],
    unreversed: [],
    expectedMs: 0,
  }
  return { ...body, digest: digestOf(body) }
}

function answerStep(id: string, after: readonly string[]): StepPlan {
  return stepOf(id, after, { word: 'answer', evidence: 'optional', options: null, passes: null, fields: [], due: null })
}

function approveStep(id: string, after: readonly string[]): StepPlan {
  return stepOf(id, after, { word: 'approve', roles: [], count: 1, not: [] })
}

export function stepOf(id: string, after: readonly string[], block: StepPlan['block']): StepPlan {
  const step: Omit<StepPlan, 'digest'> = {
    id,
    name: id.replaceAll('-', '_'),
    text: id,
    line: 1,
    endLine: 1,
    phase: 'gate',
    section: [],
    parent: null,
    children: [],
    after,
    afterActionOf: null,
    stage: null,
    when: null,
    only: [],
    never: [],
    severity: 'blocker',
    owner: null,
    danger: false,
    block,
    undo: null,
    answer: null,
  }
  return { ...step, digest: digestOf(step) }
}
