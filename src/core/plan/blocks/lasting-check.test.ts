import { expect, test } from 'vitest'
import { z } from 'zod'
import { parseDuration } from '../duration.ts'
import { compile } from '../compile.ts'

const lasting = {
  kind: 'command',
  summary: 'x',
  config: z.looseObject({ follow: z.string().optional() }),
  lastsMs: ({ follow }: { follow?: string }) => {
    const parsed = parseDuration(follow ?? '')
    return parsed.ok ? parsed.value : null
  },
  needs: [],
  timeoutMs: 600_000,
  facts: {},
  example: 'x',
}
const kinds = {
  checks: new Map([['command', lasting as never]]),
  sources: new Map(),
  drivers: new Map(),
  notifiers: new Map(),
}

function compiled(settings: string): ReturnType<typeof compile> {
  const text = `---\nholdpoint: 1\nname: Shop\n---\n- [ ] Quiet\n  \`\`\`sh check ${settings}\n  tail -f log\n  \`\`\`\n`
  return compile({ file: 'shop.md', bytes: new TextEncoder().encode(text), shared: null }, kinds)
}

const timeOf = (settings: string): unknown => compiled(settings).plan?.steps[0]?.block

test('the time limit of a check that lasts is a minute more than it lasts, unless its kind has a longer one', () => {
  expect(timeOf('follow=1m')).toMatchObject({ timeoutMs: 600_000 })
  expect(timeOf('follow=30m')).toMatchObject({ timeoutMs: 1_860_000 })
  expect(timeOf('follow=30m timeout=31m')).toMatchObject({ timeoutMs: 1_860_000 })
})

test('a time limit that is over before the check is an error with one that is long enough', () => {
  const [problem] = compiled('follow=10m timeout=5m').problems.filter(({ severity }) => severity === 'error')
  expect(problem).toMatchObject({
    code: 'bad-value',
    line: 6,
    found: 'a "timeout" of 300s in a "sh check" block, which lasts 600s by its other settings',
    example: 'timeout=11m',
  })
})
