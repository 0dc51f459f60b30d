/** A checklist that looks for everything a worker and its server keep, on a real worker whose commands have a user of their own. */
import { chmodSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { whyNotNobody } from '../../src/worker/launcher/test-support/workshop.ts'
import { until } from '../support/programs.ts'
import { type Process, type WorkerWorld, workerWorld } from '../support/worker-world.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const whyNot = whyNotNobody()
if (whyNot !== null) console.warn(`notice: a worker whose commands have another user is not attacked: ${whyNot}`)

describe.runIf(whyNot === null)('commands of a checklist, as a user of their own,', () => {
  let world: WorkerWorld
  let worker: Process
  let token = ''
  beforeAll(async () => {
    world = await workerWorld('5s', { HOLDPOINT_COMMAND_USER: 'nobody', VAULT_TOKEN: 'hvs.of-the-worker' })
    chmodSync(dirname(world.workspace), 0o711)
    chmodSync(world.workspace, 0o777)
    token = await world.token('prod-1', 'production')
    worker = world.startWorker('one', token)
    await until('the worker asks', () => worker.said().includes('asks http'))
  })
  afterAll(() => world?.end())

  const run = (steps: string, secrets = '{}') =>
    world.holdpoint('run', world.write(checklist(steps, secrets)), '--version', '1.0.0', '--env', 'production')

  test('do their work: folder, captures and secrets', async () => {
    const ended = await run(
      `- [ ] Deployed
  \`\`\`sh run secrets=KEY capture=who irreversible="a test"
  printf %s "$KEY" | wc -c > length; id -u > who; echo "who=$(id -u):$(id -g)" >> "$HOLDPOINT_OUTPUT"
  \`\`\`
- [ ] It is there
  \`\`\`sh check match=/65534/
  cat who; echo "{{ who }}"
  \`\`\``,
      '{ KEY: { env: VAULT_TOKEN } }',
    )
    expect([ended.code, ended.out + ended.err]).toEqual([0, expect.any(String)])
    expect(world.read('who')).toBe('65534\n')
    expect(world.read('length').trim()).toBe(String('hvs.of-the-worker'.length))
    expect(worker.said()).toContain('commands run as user 65534 with group')
    expect(worker.said()).not.toContain('warning: commands can read')
  })

  test('read no store, no key, no token and no environment of the worker and its server', async () => {
    const launchers = world.launchersOf('one')
    expect(launchers).toHaveLength(1)
    const processes = [worker.pid, world.server().pid, ...launchers].map((pid) => `/proc/${pid}/environ`)
    const files = [...world.storeFiles(), token, ...processes]
    expect(files.length).toBeGreaterThan(8)
    writeFileSync(join(world.workspace, 'wanted'), `${files.join('\n')}\n`, { mode: 0o644 })
    const look = `while read -r path; do if head -c 1 "$path" > /dev/null 2>&1; then echo "$path" >> found; fi; done < wanted; echo done > looked`
    const ended = await run(`- [ ] Looked
  \`\`\`sh run irreversible="a test"
  ${look}
  \`\`\``)
    expect(ended.code).toBe(0)
    expect(world.read('looked')).toBe('done\n')
    expect(world.read('found')).toBe('')
  })

  test('get no file of the worker by calling it a secret', async () => {
    const ended = await run(
      `- [ ] Looked
  \`\`\`sh run secrets=KEY irreversible="a test"
  printf %s "$KEY" > stolen
  \`\`\``,
      `{ KEY: { file: "${token}" } }`,
    )
    expect(ended.code).not.toBe(0)
    expect(world.read('stolen')).toBe('')
  })
})

function checklist(steps: string, secrets: string): string {
  return `---
holdpoint: 1
service: shop
environments: { production: {} }
secrets: ${secrets}
---
# Shop
## Deploy
${steps}
`
}
