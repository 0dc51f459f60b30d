/** `holdpoint plan` as a release of a certain version somewhere: what it would leave out, and why. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-plan-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => writeFileSync(join(folder, 'release.md'), document))

const document = `---
holdpoint: 1
service: shop
environments: { staging: {}, production: {} }
inputs:
  region: { type: string, options: [eu, us], required: true }
---
# Release
## Ready
- [ ] Load test ran
  \`\`\`yaml answer only=production
  options: [yes, no]
  passes: yes
  \`\`\`
- [ ] Translations are there
  \`\`\`sh check when="region == 'eu'"
  true
  \`\`\`
## Training
\`\`\`yaml phase
only-for: [major]
\`\`\`
- [ ] People were trained
`

function plan(...options: readonly string[]): {
  readonly code: number | null
  readonly out: string
  readonly err: string
} {
  const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home') }
  const words = [bin, 'plan', 'release.md', ...options]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8', env })
  return { code: status, out: stdout, err: stderr }
}

test('steps and phases that it leaves out are told with their reason, and the digest stays', () => {
  const whole = plan()
  const patch = plan('--env', 'staging', '--version', '1.2.1', '--previous', '1.2.0', '--set', 'region=us')
  expect(patch.code, patch.err).toBe(0)
  expect(patch.out).toContain('this release leaves out 3 of 3 steps\n')
  expect(patch.out).toContain('  Load test ran  left out: only in production\n')
  expect(patch.out).toContain("  Translations are there  left out: region == 'eu' is false\n")
  expect(patch.out).toContain('Training  left out with its 1 step: only for major; this is a patch release\n')
  expect(whole.out).not.toContain('left out')
  expect(patch.out.split('\n').at(-2)).toBe(whole.out.split('\n').at(-2))
})

test('what is not said stays open, in words and as JSON', () => {
  const open = plan('--env', 'production')
  expect(open.out).toContain('this release leaves nothing out\n')
  expect(open.out).toContain("when region == 'eu'")
  const { leftOut } = JSON.parse(plan('--env', 'staging', '--json').out) as { leftOut: unknown }
  expect(leftOut).toEqual({ phases: {}, steps: { 'ready/load-test-ran': 'only in production' } })
})

test('an environment or input that the checklist does not know is refused', () => {
  expect(plan('--env', 'moon')).toMatchObject({ code: 2, out: '' })
  expect(plan('--env', 'staging', '--set', 'region=asia').err).toContain('expected one of eu, us')
  expect(plan('--version', '1.2.1').err).toContain('say which, for example --env staging')
})
