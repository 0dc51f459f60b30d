/** `yaml check kind: freeze`: files that nobody may change any more, such as the schema once its migration is approved. */
import { z } from 'zod'
import { instantsOf } from '../core/calendar/wall-clock.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { tellingLine } from '../core/telling-line.ts'
import type { Instant } from '../core/units.ts'
import { type Frozen, frozenScript, pathspecOf, readFrozen, unmatched } from './git-state/frozen-script.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, fill } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine } from './parts/say.ts'

const moment = z.string().refine(isMoment, {
  error: 'expected a day such as 2026-12-15, or a time such as 2026-12-15T09:00Z',
})
const zone = z.string().refine(isZone, { error: 'expected a time zone of the IANA database, such as Europe/Berlin' })

const config = z.strictObject({
  files: z
    .array(
      z
        .string()
        .min(1)
        .refine((text) => !/[\n\0]/.test(text) && !text.startsWith(':'), { error: 'expected a pattern of a path' }),
    )
    .min(1)
    .describe('Files that are frozen, from the top of the repository; * stands for any text without /, ** for any'),
  since: z
    .string()
    .min(1)
    .refine((text) => !text.startsWith('-'), { error: 'expected a name that does not begin with -' })
    .optional()
    .describe(
      'Commit or tag that they have to be like; else the commit that this check kept, or the one of the release',
    ),
  from: moment.optional().describe('Day or time at which the freeze begins: they have to be as they were then'),
  until: moment.optional().describe('Day or time at which it ends'),
  zone: zone.default('UTC').describe('Of days without a time'),
  override: z.string().min(1).optional().describe('The only role that may waive it; else any that somebody holds'),
  cwd: z.string().nullable().default(null).describe("Folder in the repository, relative to the checklist's"),
})

type Config = z.infer<typeof config>

export const freeze = defineCheck({
  kind: 'freeze',
  summary: 'Files that are frozen, such as a schema, are as they were; names who changed what',
  config: config.superRefine(({ since, from, until, zone: of }, context) => {
    const order = from !== undefined && until !== undefined && !(instantOf(from, of) < instantOf(until, of))
    const message =
      since !== undefined && from !== undefined
        ? 'expected since or from, not both: one commit is compared with'
        : order
          ? 'expected until after from'
          : null
    if (message !== null) context.addIssue({ code: 'custom', message })
  }),
  needs: ['command'],
  roles: ({ override }) => (typeof override === 'string' ? [override] : []),
  timeoutMs: 60_000,
  example:
    "```yaml check max-age=1m capture=schema_commit\nkind: freeze\nfiles: ['migrations/**', prisma/schema.prisma]\n```",
  facts: { commit: 'string', since: 'string', changed: 'list', uncommitted: 'list' },
  async run(asked, powers) {
    const early = notInForce(asked, powers.clock.now())
    if (early !== null) return { outcome: 'passed', say: early, evidence: [] }
    const baseline = baselineOf(asked, powers)
    const result = await powers.command({
      shell: 'bash',
      script: frozenScript,
      cwd: asked.cwd,
      timeoutMs: powers.timeoutMs,
      env: {
        ASK_FILES: asked.files.map(pathspecOf).join('\n'),
        ASK_SINCE: baseline.since ?? '',
        ASK_BEFORE: baseline.before ?? '',
      },
    })
    const told = result.ended === 'exit' && result.exitCode === 0 ? readFrozen(text(result.stdout)) : null
    if (told === null) {
      const line = tellingLine(text(result.stderr))
      const why = result.ended === 'exit' ? line || `exit ${result.exitCode}` : (result.why ?? result.ended)
      return { outcome: 'errored', say: oneLine(`git did not answer: ${why}`), evidence: [] }
    }
    return judge(asked, told, baseline, powers)
  },
})

interface Baseline {
  /** What is compared with; null = what is checked out now, or the day in `before`. */
  readonly since: string | null
  /** Instant of git; the last commit before it is compared with. */
  readonly before: string | null
  /** In words. */
  readonly say: string
  /** The name under which the first pass keeps the commit. */
  readonly keepAs: string | null
}

/** Why the freeze is not in force at `now`; null = it is. */
function notInForce({ from, until, zone: of }: Config, now: Instant): string | null {
  if (from !== undefined && now < instantOf(from, of)) return `the freeze begins ${from} (${of})`
  if (until !== undefined && now >= instantOf(until, of)) return `the freeze ended ${until} (${of})`
  return null
}

function baselineOf(asked: Config, { variables, captures }: CheckPowers): Baseline {
  const none = { since: null, before: null, keepAs: null }
  if (asked.from !== undefined) {
    const before = new Date(instantOf(asked.from, asked.zone)).toISOString()
    return { ...none, before, say: `the freeze began ${asked.from} (${asked.zone})` }
  }
  if (asked.since !== undefined) {
    const since = fill(asked.since, variables)
    // A value may have made a name into an option.
    if (since === '' || since.startsWith('-')) throw new ConfigFault(`since: "${since}" is no commit`)
    return { ...none, since, say: since }
  }
  const [name] = captures
  const kept = name === undefined ? variables['commit'] : variables[name]
  if (name !== undefined) return { ...none, since: kept ?? null, say: 'they were frozen', keepAs: kept ? null : name }
  if (kept === undefined || kept === '')
    throw new ConfigFault('since: this release knows no commit; give a name to keep it under, capture=schema_commit')
  return { ...none, since: kept, say: 'the release was started' }
}

function judge(asked: Config, told: Frozen, baseline: Baseline, powers: CheckPowers): CheckResult {
  if (told.since === null)
    return {
      outcome: 'errored',
      say: oneLine(`the commit ${baseline.since} that the frozen files are compared with is not in the repository`),
      evidence: [],
    }
  const facts = {
    commit: told.commit,
    since: told.since,
    changed: told.changed.map(({ file }) => file),
    uncommitted: told.dirty.slice(0, 100),
  }
  const evidence = textEvidence('freeze.txt', evidenceOf(told))
  const problems = problemsOf(told, baseline)
  if (problems.length > 0) return { outcome: 'failed', say: oneLine(problems.join('; ')), evidence, facts }
  const missing = unmatched(asked.files, told.unknown)
  if (missing.isAll)
    return { outcome: 'inconclusive', say: oneLine(`${missing.say}: nothing is frozen`), evidence, facts }
  const captures = baseline.keepAs === null ? {} : { [baseline.keepAs]: told.commit }
  const say = baseline.keepAs === null ? 'as they were at' : 'frozen at'
  return judged(powers, facts, {
    say: oneLine(
      [`${asked.files.join(', ')} ${say} ${told.since.slice(0, 10)}`, missing.say].filter(Boolean).join('; '),
    ),
    evidence,
    captures,
  })
}

function problemsOf({ changed, count, dirty, since }: Frozen, { say }: Baseline): readonly string[] {
  const named = changed
    .slice(0, 3)
    .map(({ file, commit, author }) => (commit === '' ? file : `${file} by ${author} in ${commit}`))
  const more = count > named.length ? ` and ${count - named.length} more` : ''
  const other = dirty.length > 3 ? ` and ${dirty.length - 3} more` : ''
  return [
    count > 0 ? `frozen, and changed since ${say} (${since?.slice(0, 10)}): ${named.join(', ')}${more}` : '',
    dirty.length > 0 ? `frozen, and changed without a commit: ${dirty.slice(0, 3).join(', ')}${other}` : '',
  ].filter((problem) => problem !== '')
}

function evidenceOf({ commit, since, changed, count, dirty }: Frozen): string {
  return [
    `commit: ${commit}`,
    `compared with: ${since}`,
    `changed: ${count}`,
    ...changed.map((each) => `  ${each.file}  ${each.commit}  ${each.at}  ${each.author}`),
    ...dirty.map((file) => `  ${file}  not committed`),
    '',
  ].join('\n')
}

/** A day begins at midnight of its zone; where a change of clocks makes two of it, at the first. */
function instantOf(given: string, of: string): Instant {
  return given.includes('T') ? Date.parse(given) : instantsOf(isZone(of) ? of : 'UTC', Date.parse(given)).first
}

function isMoment(given: string): boolean {
  const isWritten = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.test(given)
  return isWritten && !Number.isNaN(Date.parse(given))
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
