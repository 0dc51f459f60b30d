/** `sh check`: a command that only reads; exit 0 passes. */
import { z } from 'zod'
import { pathsOf } from '../core/plan/expression.ts'
import { type CheckPowers, type CheckResult, defineCheck, type EvidenceBytes } from '../core/ports/check.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import type { Json } from '../core/units.ts'
import { bytesEvidence } from './parts/evidence.ts'
import { type FollowSettings, followingOf, readFollowed } from './command-output/followed.ts'
import { durationField, millisOf, patternsField } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { parseJson, printedText, readPatterns, withTellingLine } from './parts/printed.ts'
import { sayMillis } from './parts/say.ts'

const config = z.strictObject({
  shell: z.enum(['bash', 'posix', 'python', 'node']).describe('`sh` and `bash` are bash; `shell=posix` is plain sh'),
  script: z.string().min(1, { error: 'expected a command in the body of the block' }).describe('What runs'),
  cwd: z.string().nullable().default(null).describe("Folder to run in, relative to the checklist's"),
  match: patternsField
    .nullable()
    .default(null)
    .describe('The output must contain a match; of several, given again or in a list, one of each'),
  forbid: patternsField.nullable().default(null).describe('The output must not contain a match: no errors in the logs'),
  json: z.boolean().default(false).describe('Standard output is JSON, which `expect` sees as `json`'),
  follow: durationField
    .optional()
    .describe(
      'It does not end by itself, as `tail -f` does not: it is stopped after this time; at once when a line matches `forbid` (failed) or `match` (passed)',
    ),
  'min-lines': z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('With `follow` and `forbid`: fewer lines than this (1) are no proof; 0 where silence is good'),
})

type Config = z.infer<typeof config>

export const command = defineCheck({
  kind: 'command',
  summary: 'A command that only reads',
  config: config.superRefine((given, context) => {
    const slip = slipOf(given)
    if (slip !== null) context.addIssue({ code: 'custom', ...slip })
  }),
  needs: ['command'],
  timeoutMs: 600_000,
  lastsMs: ({ follow }) => (follow === undefined ? null : millisOf(follow)),
  example: '```sh check timeout=2m forbid=/ERROR/\ntail -n 500 app.log\n```',
  facts: { exit: 'int', lines: 'int', stdout: 'string', stderr: 'string', json: 'dyn' },
  async run(given, powers) {
    const { shell, script, cwd } = given
    const following = followSettings(given)
    const follow = following && { follow: followingOf(following) }
    return readCommand(
      given,
      await powers.command({ shell, script, cwd, timeoutMs: powers.timeoutMs, ...follow }),
      powers,
    )
  },
})

function slipOf({ follow, match, forbid, json, ...given }: Config): { message: string; path: string[] } | null {
  if (follow === undefined)
    return given['min-lines'] === undefined
      ? null
      : { message: 'expected follow beside it: how long the command is followed', path: ['min-lines'] }
  if (match === null && forbid === null)
    return { message: 'expected match or forbid beside it, such as forbid=/ERROR/', path: ['follow'] }
  if (json) return { message: 'expected no json beside it: what is cut off is no JSON', path: ['follow'] }
  if (given['min-lines'] !== undefined && match !== null)
    return { message: 'expected it beside forbid alone: with match the line itself is the proof', path: ['min-lines'] }
  return null
}

function followSettings({ follow, match, forbid, ...given }: Config): FollowSettings | null {
  return follow === undefined
    ? null
    : { follow, match: match ?? [], forbid: forbid ?? [], minLines: given['min-lines'] ?? 1 }
}

/** What a command's end means. `exit` counts unless `expect` itself speaks of it. */
function readCommand(given: Config, result: CommandResult, powers: CheckPowers): CheckResult {
  const output = outputOf(result)
  const evidence = evidenceOf(result)
  const errored = (say: string): CheckResult => ({ outcome: 'errored', say, evidence, captures: result.output })
  const broken = brokenWords(result, powers.timeoutMs)
  if (broken !== null) return errored(broken)
  const following = followSettings(given)
  if (following !== null && result.ended === 'followed') return readFollowing(following, result, powers)
  const exit = result.exitCode ?? -1
  const exitIsJudged = speaksOfExit(powers.expectation)
  if ((exit === 126 || exit === 127) && !exitIsJudged) return errored(notFoundWords(exit, output.stderr))
  const json = given.json ? parseJson(output.stdout) : null
  const facts: Record<string, Json> = { exit, ...output, ...(json?.ok ? { json: json.value } : {}) }
  const answer = (outcome: CheckResult['outcome'], say: string): CheckResult => ({
    outcome,
    say,
    evidence,
    captures: result.output,
    facts,
  })
  if (exit !== 0 && !exitIsJudged)
    return answer('failed', withTellingLine(`exit ${exit}, expected 0`, output.stderr || output.stdout))
  if (json && !json.ok) return { ...answer('errored', `its output is not JSON: ${json.why}`) }
  if (following !== null) return readFollowing(following, result, powers)
  const pattern = readPatterns(given, output, result.truncated)
  if (pattern) return answer(pattern.outcome, pattern.say)
  const took = sayMillis(Math.max(0, result.endedAt - result.startedAt))
  return judged(powers, facts, { say: `exit ${exit} in ${took}`, evidence, captures: result.output })
}

/** What must be seen was seen, or what must not; a launcher that did not look is no proof. */
function readFollowing(given: FollowSettings, result: CommandResult, powers: CheckPowers): CheckResult {
  const common = { evidence: evidenceOf(result), captures: result.output }
  const { followed } = result
  if (followed === undefined)
    return { ...common, outcome: 'errored', say: 'what runs commands there is too old to follow one; renew it' }
  const { outcome, say } = readFollowed(given, result, followed)
  const facts: Record<string, Json> = { ...outputOf(result), lines: followed.lines }
  return outcome === 'passed' ? judged(powers, facts, { say, ...common }) : { ...common, outcome, say, facts }
}

/** How a command ended when its end says nothing about the release; null when it ended by itself. */
function brokenWords(result: CommandResult, timeoutMs: number): string | null {
  switch (result.ended) {
    case 'timeout':
      return `it did not end within ${sayMillis(timeoutMs)} and was stopped`
    case 'cancelled':
      return 'it was stopped before it ended'
    case 'not-started':
      return `it was not started: ${result.why ?? 'no reason given'}`
    case 'lost':
      return `the launcher lost track of it, so its result is not known${result.why === null ? '' : `: ${result.why}`}`
    case 'followed':
      return null
    case 'exit':
      return result.exitCode === null ? `it was killed by ${result.signal ?? 'a signal'}` : null
  }
}

function notFoundWords(exit: number, stderr: string): string {
  return withTellingLine(
    exit === 127 ? 'exit 127: a command was not found' : 'exit 126: a command could not be executed',
    stderr,
  )
}

function speaksOfExit(expectation: string | null): boolean {
  return expectation !== null && pathsOf(expectation).includes('exit')
}

function outputOf(result: CommandResult): { readonly stdout: string; readonly stderr: string } {
  return { stdout: printedText(result.stdout), stderr: printedText(result.stderr) }
}

function evidenceOf(result: CommandResult): readonly EvidenceBytes[] {
  return [
    ...bytesEvidence('stdout.txt', result.stdout, undefined, result.truncated),
    ...bytesEvidence('stderr.txt', result.stderr, undefined, result.truncated),
  ]
}
