import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { CheckBlock } from '../core/plan/plan.ts'
import { type CheckDefinition, type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Launcher } from '../core/ports/launcher.ts'
import { createCheckRunner, type CheckRunnerDeps } from './check-runner.ts'
import { realClock } from './clock.ts'
import { createOutbound } from './outbound.ts'
import { contextFor, fakeLauncher, releaseOf } from './release.fixture.ts'
import { createSecretVault } from './secret-vault.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-several-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function kind(run: (powers: CheckPowers) => Promise<CheckResult>): CheckDefinition<never> {
  const definition = defineCheck({
    kind: 'probe',
    summary: 'A kind for tests',
    config: z.strictObject({}),
    needs: ['command'],
    timeoutMs: 5_000,
    example: '',
    facts: {},
    run: (_config, powers) => run(powers),
  })
  return definition as never
}

function deps(check: CheckDefinition<never>, launcher: Launcher): CheckRunnerDeps {
  return {
    checks: [check],
    clock: realClock(),
    outbound: createOutbound(),
    vault: createSecretVault({}),
    metric: () => Promise.resolve({ noData: 'none' }),
    launcher,
    environment: () => Promise.resolve({}),
  }
}

const state = releaseOf({ frontMatter: '', steps: '- [ ] Look\n', root })
const block: CheckBlock = {
  word: 'check',
  kind: 'probe',
  config: {},
  timeoutMs: 5_000,
  maxAgeMs: null,
  captures: [],
  secrets: [],
  expect: null,
}

test('a check may start several commands: each an attempt of its own, and after an abort only what cleans up', async () => {
  const launcher = fakeLauncher({ output: { n: '1' } })
  const stop = new AbortController()
  const several = kind(async (powers) => {
    const one = { shell: 'bash', script: 'true', cwd: null, timeoutMs: 1_000 }
    await powers.command({ ...one, part: 'forward', env: { A: '1' } })
    await powers.command({ ...one, part: 'forward' })
    stop.abort()
    const late = await powers.command({ ...one, part: 'forward' })
    await powers.command({ ...one, part: 'cleanup' })
    return { outcome: 'failed', say: late.why ?? '', evidence: [] }
  })
  const result = await createCheckRunner(deps(several, launcher)).run(block, contextFor(state, undefined, stop.signal))
  expect(result.say).toBe('the release wants no more of it')
  expect(launcher.asked.map(({ attempt, env }) => [attempt, env['HOLDPOINT_ATTEMPT'], env['A']])).toEqual([
    ['r1/step/1.1', 'r1/step/1', '1'],
    ['r1/step/1.2', 'r1/step/1', undefined],
    ['r1/step/1.4', 'r1/step/1', undefined],
  ])
})

test('how long a command is followed, and what for, reaches the launcher', async () => {
  const launcher = fakeLauncher({ ended: 'exit' })
  const follow = { forMs: 5_000, until: [], never: ['ERROR'] }
  const following = kind(async (powers) => {
    const one = { shell: 'bash', script: 'tail -f log', cwd: null, timeoutMs: 9_000, follow }
    return { outcome: 'failed', say: (await powers.command(one)).ended, evidence: [] }
  })
  await createCheckRunner(deps(following, launcher)).run(block, contextFor(state))
  expect(launcher.asked.map((request) => request.follow)).toEqual([follow])
})
