/** A judge is played over the past that a real Prometheus keeps of stable; what it promises is kept, or it is told why not. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Calibration } from '../../src/core/judge/calibration/tally.ts'
import { describeWith, freePort, programs } from '../support/programs.ts'
import { openWatchedShops, type WatchedShops } from '../support/watched-shops.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
const seconds = 70

describeWith({ prometheus: programs.prometheus }, 'a calibration over a real past', () => {
  let shops: WatchedShops
  let folder = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hp-calibrate-'))
    writeFileSync(join(folder, 'RELEASE.md'), checklist)
    const shop = { fault: 'none', failEvery: 50 } as const
    shops = await openWatchedShops(
      [
        ...Array.from({ length: 3 }, () => ({ ...shop, version: 'quiet' })),
        ...Array.from({ length: 2 }, () => ({ ...shop, version: 'noisy' })),
        { ...shop, version: 'noisy', failEvery: 3 },
        { ...shop, version: 'lonely' },
      ],
      seconds,
    )
  }, 240_000)
  afterAll(async () => {
    await shops.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
  })

  const holdpoint = (
    args: readonly string[],
    onErr: (err: string, pid: number) => void = () => {},
  ): Promise<{ code: number | null; out: string; err: string }> => {
    const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home'), HOLDPOINT_ENGINE_IDLE: '5s' }
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let [out, err] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        err += chunk
        onErr(err, child.pid ?? 0)
      })
      child.on('close', (code) => resolve({ code, out, err }))
    })
  }
  const calibrate = (previous: string, ...more: readonly string[]): ReturnType<typeof holdpoint> => {
    const usual = ['--env', 'production', '--period', `${seconds}s`, '--previous', previous, '--split-by', 'pod']
    return holdpoint(['judge', 'calibrate', 'RELEASE.md', ...usual, '--set', `prometheus=${shops.url}`, ...more])
  }

  test('instances that are alike: the promise is kept, the result is kept as a record and stands in the plan', async () => {
    const ended = await calibrate('quiet')
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.out).toMatch(
      /✔ within the promise: 0 of \d+ healthy windows rolled back = 0 % \(at least 0 %, at most \d+ %\), promised 1 %/,
    )
    expect(ended.err).toMatch(/… 1 of \d+ .* not rolled back/)
    const records = await holdpoint(['records', 'list'])
    expect(records.out).toMatch(/judge-calibration shop\/production\/.* 0 of \d+ healthy windows rolled back/)
    const tried = await calibrate('quiet', '--history', '6s')
    expect(tried).toMatchObject({ code: 0 })
    expect(tried.out).toContain('behind 6s of history')
    expect(tried.err).toContain('not kept: this was not the judge of the checklist')
    const plan = await holdpoint(['plan', 'RELEASE.md'])
    expect(plan.out).toMatch(
      /Customers move, production: judge calibrated .* ago: 0 of \d+ healthy windows rolled back/,
    )
  }, 120_000)

  test('one noisy instance: above the promise, with the instance, the metric, the time and advice', async () => {
    const ended = await calibrate('noisy', '--json')
    expect(ended.err).not.toContain('bug')
    const [found] = JSON.parse(ended.out) as readonly Calibration[]
    expect(found?.rolledBack).toBeGreaterThan(0)
    expect(ended.code).toBe(1)
    expect(found?.standing).toBe('above')
    for (const one of found?.rollbacks ?? []) {
      expect(one).toMatchObject({ metric: 'errors', canary: ['noisy-2'] })
      expect(Math.abs(Date.now() - one.at)).toBeLessThan(10 * 60_000)
    }
    expect(found?.advice.join('\n')).toContain('the pod noisy-2 played the canary in')
    expect(found?.advice.join('\n')).toContain('errors caused')
  }, 120_000)

  test('one instance only: nothing can be replayed, and why is said', async () => {
    const ended = await calibrate('lonely')
    expect(ended.code).toBe(1)
    expect(ended.out).toContain('✖ nothing could be replayed')
    expect(ended.out).toContain('stable has one pod only')
    expect(ended.err).not.toContain('kept as')
  }, 120_000)

  test('interrupted: what is known so far is printed', async () => {
    let isSent = false
    const usual = ['--env', 'production', '--period', `${seconds}s`, '--previous', 'quiet', '--split-by', 'pod']
    const ended = await holdpoint(
      ['judge', 'calibrate', 'RELEASE.md', ...usual, '--set', `prometheus=${shops.url}`],
      (err, pid) => {
        if (isSent || !err.includes('… 1 of')) return
        isSent = true
        process.kill(pid, 'SIGINT')
      },
    )
    expect(ended.code).toBe(130)
    expect(ended.out).toMatch(/healthy windows? rolled back/)
    expect(ended.out).toContain('not all windows were looked at: interrupted')
  }, 120_000)

  test('a source that does not answer ends it with 4, and wrong usage with 2', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`
    const usual = ['--env', 'production', '--period', '70s', '--set', `prometheus=${nobody}`]
    const gone = await holdpoint(['judge', 'calibrate', 'RELEASE.md', ...usual, '--previous', 'quiet'])
    expect(gone.code).toBe(4)
    expect(gone.err).toContain('source prom: ')
    const unsaid = await holdpoint(['judge', 'calibrate', 'RELEASE.md', ...usual])
    expect(unsaid.code).toBe(2)
    expect(unsaid.err).toContain('--previous 1.2.3')
    const both = await holdpoint(['judge', 'calibrate', 'RELEASE.md', ...usual, '--days', '2'])
    expect(both.code).toBe(2)
    writeFileSync(join(folder, 'limits.md'), checklist.replace('judge:\n', 'judge:\n    policy: threshold\n'))
    const limits = await holdpoint(['judge', 'calibrate', 'limits.md', ...usual, '--previous', 'quiet'])
    expect(limits.code).toBe(2)
    expect(limits.err).toContain('no rollout whose judge promises a chance')
  }, 120_000)
})

const checklist = `---
holdpoint: 1
name: Shop
service: shop
environments: { production: {} }
inputs: { prometheus: { default: "http://127.0.0.1:9090" } }
sources:
  prom: { kind: prometheus, url: "{{ prometheus }}" }
---
## Rollout
- [ ] Customers move
  \`\`\`yaml rollout
  components:
    shop: { traffic: command, set: 'echo $HOLDPOINT_WEIGHT > weight', read: 'cat weight || echo 0' }
  stages:
    - { weight: 25%, soak: 13s }
  judge:
    every: 1s
    history: none
    arms: { canary: { version: "{{version}}" }, stable: { version: "{{previous}}" } }
    metrics:
      errors:
        kind: ratio
        bad: 'sum(rate(http_requests_total{code=~"5..",{{arm}}}[1s]))'
        total: 'sum(rate(http_requests_total{{{arm}}}[1s]))'
        go: "< 10%"
        rollback: "> 12%"
        versus-stable: "+100%"
  \`\`\`
`
