/** A canary that is rolled back, and one that gets all traffic, explained afterwards by the real command line. */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startWorld, type World } from '../../demo/world.ts'
import type { JudgeStory } from '../../src/report/judge-story.ts'

const root = join(import.meta.dirname, '../..')
let folder: string
let world: World | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hp-explain-'))
})
afterEach(async () => {
  await world?.stop()
  // The engine ends by itself soon after the last command.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 })
})

function holdpoint(...args: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
  const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home'), HOLDPOINT_ENGINE_IDLE: '1s', COLUMNS: '100' }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'bin/holdpoint.js'), ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.on('close', (code) => resolve({ code, out }))
  })
}

const checklist = `---
holdpoint: 1
service: shop
environments: { demo: {} }
inputs: { admin_url: { description: the proxy }, stable_url: { description: old }, canary_url: { description: new } }
sources:
  metrics: { kind: scrape, urls: ["{{ stable_url }}/metrics", "{{ canary_url }}/metrics"] }
---
# Shop
## Rollout
- [ ] Customers move
  \`\`\`yaml rollout
  components:
    shop: { traffic: command, set: bash weight.sh set, read: bash weight.sh read, restore: bash weight.sh restore }
  stages:
    - { weight: 25%, soak: 2s }
    - { weight: 50%, soak: 2s }
  judge:
    every: 500ms
    false-go: 10%
    source: metrics
    arms: { canary: { version: "{{version}}" }, stable: { version: "{{previous}}" } }
    metrics:
      errors:
        kind: ratio
        bad: 'http_requests_total{code=~"5..",{{arm}}}'
        total: 'http_requests_total{{{arm}}}'
        go: "< 5%"
        rollback: "> 8%"
        window: 30s
    deadline: 30x
    no-data: { hold: 30s, then: rollback }
    grey: { within: 60s, otherwise: rollback }
  \`\`\`
`

async function release(bad: false | 'errors'): Promise<number | null> {
  world = await startWorld({ bad })
  cpSync(join(root, 'demo/weight.sh'), join(folder, 'weight.sh'))
  writeFileSync(join(folder, 'release.md'), checklist)
  const { admin, stable, canary, settings } = world
  const inputs = [`admin_url=${admin}`, `stable_url=${stable}`, `canary_url=${canary}`].flatMap((one) => ['--set', one])
  const run = ['run', 'release.md', '--version', settings.version, '--previous', settings.previous, '--env', 'demo']
  const started = await holdpoint(...run, '--yes', ...inputs)
  expect(started.out).toContain('Customers move')
  let { code } = started
  // While it is not clear yet a person is asked as well; nobody answers, and the judge goes on.
  for (let tries = 0; code === 3 && tries < 60; tries += 1) {
    await sleep(500)
    code = (await holdpoint('release', 'watch', started.out.match(/shop-1\.9\.0-\w+/)![0])).code
  }
  return code
}

async function explained(): Promise<JudgeStory> {
  const { code, out } = await holdpoint('judge', 'explain', '--json')
  expect(code, out).toBe(0)
  return JSON.parse(out) as JudgeStory
}

/** Somebody who can write to the disk makes one sample look better than it was, once nobody holds the store. */
async function meddle(): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    await sleep(250)
    try {
      const database = new DatabaseSync(join(folder, 'home/holdpoint.sqlite'))
      const changed = database.prepare(`UPDATE batches SET line = replace(line, '"bad":', '"bad":1') WHERE upto =
        (SELECT max(upto) FROM batches)`)
      const { changes } = changed.run()
      database.close()
      if (Number(changes) > 0) return
    } catch (fault) {
      if (tries === 59) throw fault
    }
  }
}

test('a rollback names the sample, the rule with its line and the sum; a changed sample ends with 1', async () => {
  expect(await release('errors')).toBe(1)
  const story = await explained()
  expect(story.replay).toMatchObject({ same: true, identical: true })
  const { decided, moments } = story.observed.at(-1)!
  expect(moments.at(-1)).toMatchObject({ zone: 'rollback', why: 'breach' })
  expect(decided).toMatchObject({ zone: 'rollback', rule: { metric: 'errors', text: '> 8%' } })
  expect(checklist.split('\n')[decided!.rule!.line! - 1]).toContain('rollback: "> 8%"')
  expect(decided!.arithmetic!.evidence).toBeGreaterThanOrEqual(decided!.arithmetic!.needed)

  const { code, out } = await holdpoint('judge', 'explain', '--stage', '1')
  expect(code).toBe(0)
  expect(out).toMatch(/decided by +the sample from [\d:]+ to [\d:]+ UTC\n +errors: canary \d+ of \d+/)
  expect(out).toMatch(/✔ replayed \d+ samples: same verdict, \d+ times? out of \d+/)

  await meddle()
  const again = await holdpoint('judge', 'explain')
  expect(again.code, again.out).toBe(1)
  expect(again.out).toContain('not what the log says')
}, 180_000)

test('a release that got all its traffic is explained stage by stage; a stage that never was is refused', async () => {
  expect(await release(false)).toBe(0)
  const story = await explained()
  expect(story.observed.map(({ stage, leftBy }) => [stage, leftBy])).toEqual([
    [0, 'the judge'],
    [1, 'the judge'],
  ])
  expect(story.observed.every(({ moments }) => moments.some(({ zone }) => zone === 'go'))).toBe(true)
  expect(story.replay).toMatchObject({ same: true, identical: true })
  const refused = await holdpoint('judge', 'explain', '--stage', '9')
  expect(refused.code).toBe(2)
  expect(refused.out).toContain('judged were 1, 2, for example --stage 1')
}, 180_000)
