import { expect, test } from 'vitest'
import type { CommandResult } from '../core/ports/launcher.ts'
import { compile } from '../core/plan/compile.ts'
import { command as definition } from './command.ts'
import { ended, evidenceText, runCheck } from './parts/powers.fixture.ts'

const check = definition as never
const sh = (
  script: string,
  settings: object = {},
  overrides: Parameters<typeof runCheck>[2] = {},
): ReturnType<typeof runCheck> => runCheck(check, { shell: 'bash', script, ...settings }, overrides)
const end = (
  result: Partial<CommandResult>,
  settings: object = {},
  expectation: string | null = null,
): ReturnType<typeof runCheck> => sh('true', settings, { expectation, command: () => Promise.resolve(ended(result)) })

test('exit 0 passes and its output is evidence', async () => {
  const result = await sh('echo hello; echo aside >&2')
  expect(result.outcome).toBe('passed')
  expect(result.say).toContain('exit 0')
  expect(evidenceText(result)).toBe('hello\n\naside\n')
})

test('another exit fails and says the last line', async () => {
  const result = await sh('echo "3 tests failed" >&2; exit 3')
  expect(result).toMatchObject({ outcome: 'failed', say: 'exit 3, expected 0: 3 tests failed' })
})

test('an unset variable and a failing pipe fail the check', async () => {
  expect((await sh('echo "$NOBODY"')).outcome).toBe('failed')
  expect((await sh('false | cat')).outcome).toBe('failed')
})

test('a command that does not exist is an error, not a failure of the release', async () => {
  const result = await sh('no-such-tool --version')
  expect(result.outcome).toBe('errored')
  expect(result.say).toContain('exit 127')
})

test('timeouts, signals, lost and unstarted commands are errors', async () => {
  const words: [Partial<CommandResult>, string][] = [
    [{ ended: 'timeout', exitCode: null }, 'within 10s'],
    [{ ended: 'cancelled', exitCode: null }, 'stopped'],
    [{ ended: 'lost', exitCode: null }, 'lost'],
    [{ ended: 'not-started', exitCode: null, why: 'secret TOKEN is not available' }, 'secret TOKEN'],
    [{ exitCode: null, signal: 'SIGKILL' }, 'SIGKILL'],
  ]
  for (const [result, word] of words) {
    for (const expectation of [null, 'exit != 0', 'true']) {
      const outcome = await end(result, {}, expectation)
      expect(outcome.outcome).toBe('errored')
      expect(outcome.say).toContain(word)
    }
  }
})

test('expect is asked besides exit 0, and alone when it speaks of exit', async () => {
  const stdout = Buffer.from('ready\n')
  expect((await end({ stdout }, {}, 'stdout == "ready"')).outcome).toBe('passed')
  expect((await end({ stdout, exitCode: 1 }, {}, 'stdout == "ready"')).outcome).toBe('failed')
  expect((await end({ stdout, exitCode: 3 }, {}, 'exit == 3')).outcome).toBe('passed')
  expect((await end({ stdout: Buffer.from('exit') }, {}, 'stdout == "exit" && 1 == 2')).outcome).toBe('failed')
  expect((await end({ stdout, exitCode: 1 }, {}, 'stdout != "exit == 1"')).outcome).toBe('failed')
})

test('json output is a fact, and what is no JSON is an error', async () => {
  expect((await sh(`echo '{"replicas": 3}'`, { json: true }, { expectation: 'json.replicas == 3' })).outcome).toBe(
    'passed',
  )
  expect((await sh(`echo '{"replicas": 2}'`, { json: true }, { expectation: 'json.replicas == 3' })).outcome).toBe(
    'failed',
  )
  expect((await sh(`echo '{}'`, { json: true }, { expectation: 'json.replicas == 3' })).outcome).toBe('inconclusive')
  expect((await sh('echo NaN', { json: true })).outcome).toBe('errored')
})

test('forbid passes only without a match, match only with one', async () => {
  const lines = 'echo starting; echo "ERROR: disk full"; echo done'
  expect(await sh(lines, { forbid: 'ERROR|panic' })).toMatchObject({
    outcome: 'failed',
    say: '/ERROR|panic/ must not appear, but: ERROR: disk full',
  })
  expect((await sh(lines, { forbid: 'panic' })).outcome).toBe('passed')
  expect((await sh(lines, { match: 'done' })).outcome).toBe('passed')
  expect(await sh(lines, { match: ['done', '^ready', 'starting'] })).toMatchObject({
    outcome: 'failed',
    say: '/^ready/ does not appear in the output',
  })
  expect((await sh(lines, { match: ['done', 'starting'], forbid: ['panic', 'FATAL'] })).outcome).toBe('passed')
  expect((await sh(lines, { forbid: ['panic', 'full$'] })).outcome).toBe('failed')
  expect(await sh(lines, { match: ['done', '^ready', 'starting'] })).toMatchObject({
    outcome: 'failed',
    say: '/^ready/ does not appear in the output',
  })
  expect((await sh(lines, { match: ['done', 'starting'], forbid: ['panic', 'FATAL'] })).outcome).toBe('passed')
  expect((await sh(lines, { forbid: ['panic', 'full$'] })).outcome).toBe('failed')
  expect((await sh(lines, { match: '^ready' })).outcome).toBe('failed')
})

test('an output that was cut cannot prove that something does not appear', async () => {
  const result = { stdout: Buffer.from('fine\n'), truncated: true }
  expect((await end(result, { forbid: 'ERROR' })).outcome).toBe('inconclusive')
  expect((await end(result, { match: 'ready' })).outcome).toBe('inconclusive')
  expect((await end(result, { match: 'fine' })).outcome).toBe('passed')
})

test('captured values come from the output file', async () => {
  expect((await sh('echo "image=sha256:abc" >> "$HOLDPOINT_OUTPUT"')).captures).toEqual({ image: 'sha256:abc' })
})

test('a pattern that costs other engines exponential time ends', async () => {
  const result = await end({ stdout: Buffer.from(`${'a'.repeat(100_000)}b`) }, { forbid: '^(a+)+$' })
  expect(result.outcome).toBe('passed')
})

const seen = (
  result: Partial<CommandResult>,
  settings: object,
  expectation: string | null = null,
): ReturnType<typeof runCheck> =>
  end(
    { ended: 'followed', exitCode: null, stdout: Buffer.from('up\n'), ...result },
    { follow: '10m', ...settings },
    expectation,
  )

test('what is followed passes by the line that must appear, or by its whole time without one that must not', async () => {
  const ready = { lines: 3, found: { ready: 'app is ready' } }
  expect(await seen({ followed: ready, endedAt: 4_000 }, { match: 'ready' })).toMatchObject({
    outcome: 'passed',
    say: '/ready/ appeared after 4s: app is ready',
  })
  expect(await seen({ followed: { lines: 40, found: {} } }, { forbid: 'ERROR' })).toMatchObject({
    outcome: 'passed',
    say: '40 lines in 10m, none with /ERROR/',
    facts: { lines: 40 },
  })
  const both = { lines: 4, found: { ready: 'ready', ERROR: 'ERROR: no disk' } }
  expect(await seen({ followed: both }, { match: 'ready', forbid: 'ERROR' })).toMatchObject({
    outcome: 'failed',
    say: '/ERROR/ must not appear, but after 10ms: ERROR: no disk',
  })
  expect(await seen({ followed: { lines: 9, found: {} } }, { match: 'ready' })).toMatchObject({
    outcome: 'failed',
    say: '/ready/ did not appear in 9 lines of 10m',
  })
  expect((await seen({ followed: ready }, { match: 'ready' }, 'lines > 3')).outcome).toBe('failed')
  expect(await seen({ followed: ready }, { match: ['ready', 'took a job'] })).toMatchObject({
    outcome: 'failed',
    say: '/took a job/ did not appear in 3 lines of 10m',
  })
  expect(await seen({ followed: ready }, { match: ['ready', 'took a job'] })).toMatchObject({
    outcome: 'failed',
    say: '/took a job/ did not appear in 3 lines of 10m',
  })
})

test('silence, an end of its own and a launcher that did not look prove nothing', async () => {
  expect(await seen({ followed: { lines: 0, found: {} } }, { forbid: 'ERROR' })).toMatchObject({
    outcome: 'inconclusive',
    say: '0 lines in 10m, expected at least 1',
  })
  expect(
    await seen({ stdout: Buffer.from('\n'), followed: { lines: 1, found: {} } }, { forbid: 'ERROR' }),
  ).toMatchObject({
    outcome: 'inconclusive',
    say: '1 line in 10m, all on standard error, as what cannot be read is told: 2>&1 where logs come there',
  })
  expect((await seen({ followed: { lines: 0, found: {} } }, { forbid: 'ERROR', 'min-lines': 0 })).outcome).toBe(
    'passed',
  )
  const own = { ended: 'exit', exitCode: 0, endedAt: 3_000 } as const
  expect(await seen({ ...own, followed: { lines: 5, found: {} } }, { forbid: 'ERROR' })).toMatchObject({
    outcome: 'inconclusive',
    say: 'it ended by itself after 3s, so nobody knows about the rest of the 10m',
  })
  expect((await seen({ ...own, followed: { lines: 1, found: { done: 'done' } } }, { match: 'done' })).outcome).toBe(
    'passed',
  )
  expect((await seen({ ...own, followed: { lines: 5, found: {} } }, { match: 'done' })).outcome).toBe('failed')
  expect((await seen({ ...own, exitCode: 1, followed: { lines: 0, found: {} } }, { forbid: 'x' })).outcome).toBe(
    'failed',
  )
  expect((await seen({}, { forbid: 'ERROR' })).outcome).toBe('errored')
  expect((await seen({ ended: 'timeout', followed: { lines: 5, found: {} } }, { forbid: 'x' })).outcome).toBe('errored')
})

test('in a block a pattern is given again for each that is meant, and each is looked at for slips', () => {
  const checks = new Map([[definition.kind, check]])
  const compiled = (settings: string): ReturnType<typeof compile> => {
    const text = `---\nholdpoint: 1\nname: Shop\n---\n- [ ] A\n  \`\`\`sh check ${settings}\n  true\n  \`\`\`\n`
    const document = { file: 'shop.md', bytes: Buffer.from(text), shared: null }
    return compile(document, { checks, sources: new Map(), drivers: new Map(), notifiers: new Map() })
  }
  const block = (settings: string): unknown => compiled(settings).plan?.steps[0]?.block
  expect(block('match=/a/ match=/b b/ forbid=/x/')).toMatchObject({ config: { match: ['a', 'b b'], forbid: 'x' } })
  const codes = (settings: string): readonly string[] => compiled(settings).problems.map(({ code }) => code)
  expect(codes('match=/a/ match=/(/')).toContain('bad-pattern')
  expect(codes('match=/a/ match="{{ version }}"')).toContain('bad-config')
  expect(codes('timeout=1s timeout=2s')).toContain('duplicate-attribute')
})
