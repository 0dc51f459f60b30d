/** `judge simulate` as people type it: the table, the document, and options that cannot be used. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''

const front = '---\nholdpoint: 1\nsources: { prom: { kind: prometheus, url: "http://localhost:9090" } }\n---\n# Shop\n'
const checklist = (judge: string) => `${front}
## Rollout
- [ ] Move traffic
  \`\`\`yaml rollout
  components: { api: { traffic: command, set: ./set.sh, read: ./read.sh, restore: ./restore.sh } }
  stages: [{ weight: 10%, soak: 10m }, { weight: 50%, soak: 10m }]
  judge: ${judge}
  \`\`\`
`
const judged =
  '{ traffic: 400/s, arms: { canary: { version: a }, stable: { version: b } }, metrics: { errors: { kind: ratio, bad: "b", total: "t", go: "< 1%", rollback: "> 2%", versus-stable: "+25%" } } }'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-simulate-'))
  await writeFile(join(folder, 'release.md'), checklist(judged))
  await writeFile(join(folder, 'unjudged.md'), checklist('{ every: 30s }'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function holdpoint(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home') }
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

test('the table says what was assumed, how a healthy version fares, and what each stage finds, within 100 columns', async () => {
  const { code, out, err } = await holdpoint('judge', 'simulate', 'release.md', '--runs', '5', '--error-rate', '0.4%')
  expect(code).toBe(0)
  expect(err).toBe('')
  expect(out).toContain('traffic 400/s, errors 0.4 %, p50')
  expect(out).toContain('quiet service, 1h of history, seed 1')
  expect(out).toMatch(/A healthy version, 5 rollouts\n {2}turned back +0 %.*the checklist states at most 1 %/)
  expect(out).toMatch(/\n {2}10 % +10m +24k +\d/)
  expect(out).toMatch(/\n {2}errors x10 +4 % 100 % .* 100 % /)
  expect(out).not.toContain('slower')
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
})

test('one document says the same for scripts, and the same again for the same seed', async () => {
  const args = ['judge', 'simulate', 'release.md', '--runs', '4', '--rps', '1000', '--noise', 'noisy', '--json']
  const [one, same, other] = await Promise.all([
    holdpoint(...args),
    holdpoint(...args),
    holdpoint(...args, '--seed', 'b'),
  ])
  expect(same.out).toBe(one.out)
  expect(other.out).not.toBe(one.out)
  const document = JSON.parse(one.out) as Record<string, unknown>
  expect(document).toMatchObject({
    seed: '1',
    noise: 'noisy',
    policy: 'statistical',
    promised: 0.01,
    runs: 4,
    assumed: { perSecond: 1000, errorShare: 0.003, history: true },
    rolledBack: { runs: 4 },
    stages: [{ weightPercent: 10, soakMs: 600_000, requests: 60_000 }, { weightPercent: 50 }],
  })
})

test.each([
  [['--rps', 'many'], '--rps is "many", expected requests per second, more than 0, for example --rps 200'],
  [['--error-rate', '120%'], '--error-rate is "120%", expected a chance'],
  [['--p95', '3'], '--p95 is "3", expected a duration above 0, for example --p95 380ms'],
  [['--buckets', '1,0.5'], '--buckets is "1,0.5", expected 2 to 100 edges in seconds, ascending'],
  [['--runs', '0'], '--runs is "0", expected a whole number from 1'],
  [['--runs', '1000000'], '--runs is "1000000", expected at most 10000'],
  [['--rollout', 'nowhere'], 'no step fits "nowhere"'],
])('%j is refused with what is expected and an example', async (options, message) => {
  const { code, out, err } = await holdpoint('judge', 'simulate', 'release.md', ...options)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain(message)
})

test('a checklist without anything to judge says what to write', async () => {
  const { code, err } = await holdpoint('judge', 'simulate', 'unjudged.md')
  expect(code).toBe(2)
  expect(err).toContain('there is no rollout with metrics to judge')
  expect(err).toContain('judge: { metrics:')
})
