import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { CheckBlock } from '../core/plan/plan.ts'
import { type CheckDefinition, type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { createCheckRunner, type CheckRunnerDeps } from './check-runner.ts'
import { realClock } from './clock.ts'
import { createCommandRunner } from './command-runner.ts'
import { createOutbound } from './outbound.ts'
import { attempting, contextFor, ended, fakeLauncher, releaseOf } from './release.fixture.ts'
import { createSecretVault } from './secret-vault.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-runner-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
mkdirSync(join(root, 'sub'))
writeFileSync(join(root, 'file'), '')
symlinkSync('/etc', join(root, 'out'))

const canary = 'c4n4ry-s3cret'

function kind(
  run: (powers: CheckPowers) => Promise<CheckResult>,
  needs: CheckDefinition['needs'] = [],
): CheckDefinition<never> {
  const definition = defineCheck({
    kind: 'probe',
    summary: 'A kind for tests',
    config: z.strictObject({ n: z.number().default(1) }),
    needs,
    timeoutMs: 5_000,
    example: '',
    facts: { value: 'int' },
    run: (_config, powers) => run(powers),
  })
  return definition as never
}

const commandKind = defineCheck({
  kind: 'command',
  summary: 'A command',
  config: z.looseObject({ shell: z.string(), script: z.string() }),
  needs: ['command'],
  timeoutMs: 5_000,
  example: '',
  facts: {},
  async run({ shell, script }, powers) {
    const result = await powers.command({ shell, script, cwd: null, timeoutMs: powers.timeoutMs })
    return {
      outcome: result.exitCode === 0 ? 'passed' : 'failed',
      say: `${result.ended} ${result.exitCode} ${result.why ?? ''}`,
      evidence: [],
      captures: result.output,
    }
  },
}) as never as CheckDefinition<never>

function deps(check: CheckDefinition<never>, overrides: Partial<CheckRunnerDeps> = {}): CheckRunnerDeps {
  return {
    checks: [check],
    clock: realClock(),
    outbound: createOutbound(),
    vault: createSecretVault({ TOKEN: canary }),
    metric: () => Promise.resolve({ noData: 'none' }),
    launcher: fakeLauncher({}),
    environment: () => Promise.resolve({ REGION: 'eu', HOME: '/root' }),
    ...overrides,
  }
}

const frontMatter =
  'env: [REGION]\nsecrets: { TOKEN: env }\nsources: { db: { kind: postgres, url: "postgres://u:{{ secret.TOKEN }}@db/{{ version }}" } }'
const state = releaseOf({ frontMatter, steps: '- [ ] Look\n', root })
const block = (overrides: Partial<CheckBlock> = {}): CheckBlock => ({
  word: 'check',
  kind: 'probe',
  config: {},
  timeoutMs: 5_000,
  maxAgeMs: null,
  captures: [],
  secrets: [],
  expect: null,
  ...overrides,
})

async function run(
  definition: CheckDefinition<never>,
  overrides: Partial<CheckBlock> = {},
  more: Partial<CheckRunnerDeps> = {},
  signal?: AbortSignal,
): Promise<CheckResult> {
  return createCheckRunner(deps(definition, more)).run(block(overrides), contextFor(state, undefined, signal))
}

const passed = (more: Partial<CheckResult> = {}): Promise<CheckResult> =>
  Promise.resolve({ outcome: 'passed', say: 'fine', evidence: [], ...more })

describe('whatever goes wrong is an error, never a pass', () => {
  test('an unknown kind, settings that are not accepted, a throw, an outcome outside the set', async () => {
    expect(
      (
        await run(
          kind(() => passed()),
          { kind: 'nonsense' },
        )
      ).say,
    ).toContain('there is no check of the kind nonsense')
    expect(
      (
        await run(
          kind(() => passed()),
          { config: { n: 'one' } },
        )
      ).say,
    ).toContain('n: ')
    expect((await run(kind(() => Promise.reject(new Error('boom'))))).say).toBe('boom')
    expect(
      (
        await run(
          kind(() => {
            throw new Error('at once')
          }),
        )
      ).say,
    ).toBe('at once')
    for (const outcome of ['nonsense', undefined, true, 'unknown']) {
      expect((await run(kind(() => passed({ outcome: outcome as never })))).outcome).toBe('errored')
    }
  })

  test('a check that does not end in time, also when it then claims to have passed', async () => {
    const ending = await run(
      kind(
        ({ signal }) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => resolve({ outcome: 'passed', say: 'late', evidence: [] })),
          ),
      ),
      { timeoutMs: 50 },
    )
    expect(ending).toMatchObject({ outcome: 'errored', say: 'it did not end within 0.05 s' })
    const clock = {
      now: () => Date.now(),
      sleep: (ms: number, signal?: AbortSignal) => realClock().sleep(Math.min(ms, 30), signal),
    }
    expect(
      (
        await run(
          kind(() => new Promise(() => {})),
          { timeoutMs: 50 },
          { clock },
        )
      ).outcome,
    ).toBe('errored')
  })

  test('what a check saw after its time is kept when it is no pass', async () => {
    const late = await run(
      kind(
        ({ signal }) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => resolve({ outcome: 'failed', say: 'cleaned up', evidence: [] })),
          ),
      ),
      { timeoutMs: 50 },
    )
    expect(late).toMatchObject({ outcome: 'failed', say: 'cleaned up' })
  })

  test('a check that is told to stop', async () => {
    const stop = new AbortController()
    const running = run(
      kind(
        ({ signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopping')))),
      ),
      {},
      {},
      stop.signal,
    )
    stop.abort()
    expect((await running).outcome).toBe('errored')
  })

  test('a power that the kind did not ask for', async () => {
    const results = await Promise.all([
      run(kind(({ secret }) => passed({ say: secret('TOKEN') }))),
      run(
        kind(({ http, signal }) =>
          http('http://127.0.0.1/', { method: 'GET', headers: {}, signal }).then(() => passed()),
        ),
      ),
      run(kind(({ command }) => command({ shell: 'bash', script: '', cwd: null, timeoutMs: 1 }).then(() => passed()))),
    ])
    for (const result of results)
      expect(result).toMatchObject({ outcome: 'errored', say: expect.stringContaining('does not list') as string })
  })
})

describe('what is recorded', () => {
  test('one clean sentence, declared captures, facts of a size for an event', async () => {
    const result = await run(
      kind(() =>
        passed({
          say: 'two\nlines \u001b[2J',
          captures: { id: '7', other: 'x' },
          facts: { value: 1, text: 'x'.repeat(5_000), list: Array.from({ length: 10_000 }, () => 1) },
        }),
      ),
      { captures: ['id'] },
    )
    expect(result.say).toBe('two lines [2J')
    expect(result.captures).toEqual({ id: '7' })
    expect(result.facts?.['value']).toBe(1)
    expect(result.facts?.['text']).toBe('x'.repeat(1_000))
    expect(result.facts).not.toHaveProperty('list')
    expect((await run(kind(() => passed({ say: '  ' })))).say).toBe('no reason was given')
  })

  test('a fact becomes a value where the block names it, also under another name, and what the kind gives goes first', async () => {
    const result = await run(
      kind(() => passed({ captures: { id: '7' }, facts: { id: 8, count: 3, row: { a: 1 }, none: null } })),
      { captures: ['id', 'open', 'row', 'none', 'gone'], captureFrom: { open: 'count' } },
    )
    expect(result.captures).toEqual({ id: '7', open: '3', row: '{"a":1}' })
  })

  test('no secret, in any coding, anywhere in the result', async () => {
    const codings = [
      canary,
      Buffer.from(canary).toString('base64'),
      Buffer.from(canary).toString('hex'),
      encodeURIComponent(canary),
    ]
    const text = codings.join(' ')
    const leaking = kind(
      ({ secret }) =>
        passed({
          say: `${secret('TOKEN')} ${text}`,
          captures: { id: text },
          facts: { text, nested: { deep: [text] } },
          evidence: [{ name: text, mediaType: 'text/plain', bytes: new TextEncoder().encode(text) }],
        }),
      ['secret'],
    )
    const result = await run(leaking, { captures: ['id'] })
    const all = JSON.stringify({
      ...result,
      evidence: result.evidence.map((piece) => [piece.name, new TextDecoder().decode(piece.bytes)]),
    })
    for (const coding of codings) expect(all).not.toContain(coding)
    expect(all).toContain('***')
  })

  test('an error that carries a secret is redacted too', async () => {
    expect(
      (
        await run(
          kind(
            ({ source }) => Promise.reject(new Error(`cannot reach ${JSON.stringify(source('db').config['url'])}`)),
            ['source'],
          ),
        )
      ).say,
    ).toBe('cannot reach "postgres://u:***@db/1.2.3"')
  })
})

describe('powers', () => {
  test('variables, expect and sources come from the release', async () => {
    const looking = kind(
      ({ variables, expect: decides, source }) =>
        passed({ say: `${variables['version']} ${JSON.stringify(decides({ value: 3 }))} ${source('db').kind}` }),
      ['source'],
    )
    expect((await run(looking, { expect: 'value == 3 && version == "1.2.3"' })).say).toBe('1.2.3 true postgres')
    expect((await run(looking)).say).toBe('1.2.3 null postgres')
    const cell = { expect: 'app == "api" && value == 3', matrix: { app: 'api' } }
    const told = kind(({ variables, bindings, expect: decides }) =>
      passed({
        say: `${variables['app']} ${JSON.stringify(bindings()['app'])} ${JSON.stringify(decides({ value: 3 }))}`,
      }),
    )
    expect((await run(told, cell)).say).toBe('api "api" true')
    expect((await run(kind(({ source }) => passed({ say: source('other').kind }), ['source']))).say).toContain(
      'there is no source other',
    )
  })

  test('a kind whose service is always at one place may reach it, and no other kind may', async () => {
    const server = createServer((_request, response) => response.end('hello'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const reaching = kind(
      async ({ http, signal }) => {
        const answer = await http(url, { method: 'GET', headers: {}, signal })
        return passed({ say: await answer.text() })
      },
      ['http'],
    )
    expect((await run({ ...reaching, addresses: [url] })).say).toBe('hello')
    expect((await run(reaching)).outcome).toBe('errored')
    server.close()
  })

  test('a secret that is missing or undeclared is said by its place', async () => {
    const asking = (name: string): CheckDefinition<never> =>
      kind(({ secret }) => passed({ say: secret(name) }), ['secret'])
    expect((await run(asking('OTHER'))).say).toContain('secret OTHER is not declared')
    expect((await run(asking('TOKEN'), {}, { vault: createSecretVault({}) })).say).toContain(
      'the environment variable TOKEN is missing',
    )
    const lent = createSecretVault({})
    lent.lend({ TOKEN: 'lent-value' })
    expect((await run(asking('TOKEN'), {}, { vault: lent })).say).toBe('***')
  })
})

test('a password in an address is encoded as addresses want it, and a changed secret stays one', async () => {
  const odd = 'p@ss/w:rd#1'
  const environment: Record<string, string> = { TOKEN: odd }
  const vault = createSecretVault(environment)
  const passwordOf = (url: unknown): string => decodeURIComponent(new URL(typeof url === 'string' ? url : '').password)
  const asking = kind(
    ({ source }) => passed({ facts: { same: passwordOf(source('db').config['url']) === odd }, captures: { id: odd } }),
    ['source'],
  )
  expect(await run(asking, { captures: ['id'] }, { vault })).toMatchObject({
    facts: { same: true },
    captures: { id: '***' },
  })
  environment['TOKEN'] = 'another-value'
  expect(
    await run(
      kind(() => passed({ say: `${odd} another-value` })),
      {},
      { vault },
    ),
  ).toMatchObject({ say: '*** ***' })
})

describe('commands', () => {
  const command = (overrides: Partial<CheckBlock> = {}): CheckBlock =>
    block({ kind: 'command', config: { shell: 'bash', script: 'test', cwd: null }, ...overrides })

  test('the launcher gets folder, environment and secrets by reference, and never a value', async () => {
    const launcher = fakeLauncher({ output: { image: 'abc', other: 'x' } })
    const result = await createCheckRunner(deps(commandKind, { launcher })).run(
      command({ secrets: ['TOKEN'], captures: ['image'], matrix: { app: 'api $(id)' } }),
      contextFor(state, 'r1/look/1'),
    )
    expect(result).toMatchObject({ outcome: 'passed', captures: { image: 'abc' } })
    const [request] = launcher.asked
    expect(request).toMatchObject({
      attempt: 'r1/look/1',
      epoch: 1,
      effect: 'read',
      timeoutMs: 5_000,
      secrets: { TOKEN: { from: 'env', name: 'TOKEN' } },
    })
    expect(request?.env).toMatchObject({
      REGION: 'eu',
      app: 'api $(id)',
      HOLDPOINT_VERSION: '1.2.3',
      HOLDPOINT_PREVIOUS: '1.2.2',
      HOLDPOINT_SERVICE: 'shop',
    })
    expect(request?.env).not.toHaveProperty('HOME')
    expect(JSON.stringify(request)).not.toContain(canary)
  })

  test('a folder outside, missing or no folder starts nothing', async () => {
    const spec = (cwd: string): Parameters<ReturnType<typeof createCommandRunner>['run']>[0] => ({
      shell: 'bash',
      script: 'true',
      cwd,
      timeoutMs: 1_000,
      secrets: [],
      captures: [],
    })
    for (const cwd of ['..', 'out', '/etc', 'missing', 'file', 'sub/../..']) {
      const launcher = fakeLauncher({})
      const result = await createCommandRunner(deps(commandKind, { launcher })).run(
        spec(cwd),
        'action',
        contextFor(state),
      )
      expect(result, cwd).toMatchObject({ outcome: 'errored', facts: { notStarted: true } })
      expect(launcher.asked).toEqual([])
    }
    const launcher = fakeLauncher({})
    expect(
      (await createCommandRunner(deps(commandKind, { launcher })).run(spec('sub'), 'action', contextFor(state)))
        .outcome,
    ).toBe('passed')
    expect(launcher.asked[0]?.cwd.endsWith('/sub')).toBe(true)
  })

  test('every end of an action, an undo and a probe has its meaning', async () => {
    const spec = { shell: 'bash', script: 'true', cwd: null, timeoutMs: 1_000, secrets: [], captures: ['id'] }
    const table: [Parameters<typeof ended>[0], string, string, string][] = [
      [{ exitCode: 0 }, 'passed', 'passed', 'passed'],
      [{ exitCode: 1 }, 'failed', 'failed', 'failed'],
      [{ exitCode: 2 }, 'failed', 'failed', 'inconclusive'],
      [{ exitCode: 127 }, 'failed', 'failed', 'inconclusive'],
      [{ exitCode: null, signal: 'SIGSEGV' }, 'failed', 'failed', 'inconclusive'],
      [{ ended: 'timeout', exitCode: null }, 'unknown', 'unknown', 'inconclusive'],
      [{ ended: 'cancelled', exitCode: null }, 'unknown', 'unknown', 'inconclusive'],
      [{ ended: 'lost', exitCode: null }, 'unknown', 'unknown', 'inconclusive'],
      [{ ended: 'not-started', exitCode: null, why: 'no such folder' }, 'errored', 'errored', 'errored'],
    ]
    for (const [end, action, undo, probe] of table) {
      const runner = createCommandRunner(
        deps(commandKind, { launcher: fakeLauncher({ output: { id: '1', other: '2' }, ...end }) }),
      )
      const outcomes = await Promise.all(
        (['action', 'undo', 'probe'] as const).map(
          async (purpose) => (await runner.run(spec, purpose, contextFor(state))).outcome,
        ),
      )
      expect(outcomes, JSON.stringify(end)).toEqual([action, undo, probe])
    }
  })

  test('a check that was lost with its worker says so in its facts: it may be run again', async () => {
    const launcher = fakeLauncher({ ended: 'lost', exitCode: null, why: 'the worker was not heard of' })
    const result = await createCheckRunner(deps(commandKind, { launcher })).run(command(), contextFor(state))
    expect(result).toMatchObject({ outcome: 'failed', facts: { lost: true } })
  })

  test('a launcher that breaks off leaves an action unknown and a check errored', async () => {
    const launcher = fakeLauncher(() => Promise.reject(new Error('the launcher hung up')))
    const spec = { shell: 'bash', script: 'true', cwd: null, timeoutMs: 1_000, secrets: [], captures: [] }
    expect(
      await createCommandRunner(deps(commandKind, { launcher })).run(spec, 'action', contextFor(state)),
    ).toMatchObject({ outcome: 'unknown', say: expect.stringContaining('hung up') as string })
    expect((await createCheckRunner(deps(commandKind, { launcher })).run(command(), contextFor(state))).outcome).toBe(
      'errored',
    )
  })

  test('an attempt that is found again gives the same result as one that was watched', async () => {
    const steps = '- [ ] Deploy\n  ```sh run idempotent capture=id\n  ./deploy\n  ```\n'
    const plan = releaseOf({ frontMatter, steps, root, checks: [commandKind] })
    const id = plan.plan.steps[0]?.id ?? ''
    const begun = attempting(plan, id, 'action')
    const launcher = fakeLauncher({
      exitCode: 3,
      stdout: Buffer.from(`token ${canary}`),
      stderr: Buffer.from('no space left\n'),
      output: { id: '7', other: '8' },
    })
    const runner = createCommandRunner(deps(commandKind, { launcher }))
    const block = plan.plan.steps[0]?.block
    if (block?.word !== 'run') throw new Error('no run step')
    const watched = await runner.run(block.command, 'action', contextFor(begun.state, begun.attempt))
    const found = await runner.attach('action', contextFor(begun.state, begun.attempt))
    expect(found).toEqual(watched)
    expect(watched).toMatchObject({
      outcome: 'failed',
      say: 'exit 3, expected 0: no space left',
      captures: { id: '7' },
      observedAt: 2_000,
    })
    expect(new TextDecoder().decode(watched.evidence[0]?.bytes)).toBe('token ***')
    expect(await runner.attach('action', contextFor(begun.state, 'r1/gone'))).toBeNull()
  })

  test('a command check that is found again is read by its kind', async () => {
    const steps = '- [ ] Test\n  ```sh check capture=image\n  npm test\n  ```\n'
    const plan = releaseOf({ frontMatter, steps, root, checks: [commandKind] })
    const step = plan.plan.steps[0]
    const begun = attempting(plan, step?.id ?? '', 'check')
    const running = deps(commandKind, { launcher: fakeLauncher({ output: { image: 'abc' }, exitCode: 1 }) })
    const context = contextFor(begun.state, begun.attempt)
    if (step?.block.word !== 'check') throw new Error('no check step')
    const watched = await createCheckRunner(running).run(step.block, context)
    expect(await createCommandRunner(running).attach('check', context)).toEqual({ ...watched, observedAt: 2_000 })
    expect(watched).toMatchObject({ outcome: 'failed', captures: { image: 'abc' } })
  })
})
