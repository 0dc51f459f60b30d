/** `yaml check kind: log`: a log says what it should and nothing that it should not, over a bounded time. */
import { z } from 'zod'
import { kubernetesFields, kubernetesSecrets, kubernetesSource } from '../core/kubernetes/fields.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { journalField, journalLines } from './log-lines/journal.ts'
import { classOf, type LogLine, parsed, readLines } from './log-lines/lines.ts'
import { podLines } from './log-lines/pod-logs.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, fill, millisOf, patternField, patternOf } from './parts/fields.ts'
import { filesNamed } from './parts/files-named.ts'
import { judged } from './parts/judged.ts'
import { searchedLines, searchField, searchSecrets } from './log-lines/searched.ts'
import { readEnd } from './parts/read-end.ts'
import { oneLine, sayMillis } from './parts/say.ts'
import { secretIn } from './parts/secret-shapes.ts'

const config = z.strictObject({
  path: z.string().min(1).optional().describe("File, or files with *, relative to the checklist's folder"),
  pods: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Instead of files: what pods of a Kubernetes cluster print: labels such as `app=api`, those of a workload such as `deploy/api`, `pod/NAME`, or `all`; also what a container printed before its restart',
    ),
  container: z.string().min(1).optional().describe('With `pods`: only this container of each'),
  search: searchField
    .optional()
    .describe(
      'Instead of files: lines that a search finds in a log store: `{ loki, query }` or `{ elasticsearch, index, query }` (OpenSearch too), with `token` (name of a secret), its `scheme` (Bearer, ApiKey, Basic), `tenant` of Loki, and of Elasticsearch the `field` of the line and that of its `time`',
    ),
  journal: journalField
    .optional()
    .describe(
      'Instead of files: the journal of systemd where commands run: `{ unit: shop.service }`, `identifier`, least `priority`, `directory`',
    ),
  last: durationField
    .optional()
    .describe('Only lines of this time before now; each line, or one before it, has to say its time'),
  forbid: patternField.optional().describe('Lines that must not be there, or not more often than `max`'),
  max: z.number().int().nonnegative().default(0).describe('How many lines `forbid` may match'),
  require: patternField.optional().describe('A line that must be there'),
  errors: patternField.optional().describe('Which lines are errors, for the next setting'),
  'compared-with': z
    .string()
    .min(1)
    .optional()
    .describe('Log of the version before: an error of a kind that is not in it fails'),
  json: z.boolean().default(false).describe('Every line is a JSON object'),
  secrets: z
    .boolean()
    .default(true)
    .describe('No line may hold what looks like a key, a token or a password in an address'),
  'min-lines': z.number().int().nonnegative().default(1).describe('Fewer lines than this are no proof'),
  ...kubernetesFields,
})

type Config = z.infer<typeof config>

const mostFiles = 200

export const log = defineCheck({
  kind: 'log',
  summary: 'A log says what it should and nothing that it should not, over a bounded time',
  config: config.superRefine((given, context) => {
    const slip = slipOf(given)
    if (slip !== null) context.addIssue({ code: 'custom', ...slip })
  }),
  needs: ['files', 'http', 'secret', 'source', 'command'],
  addresses: ({ pods }) => (pods === undefined ? [] : ['https://kubernetes.default.svc']),
  takes: ({ pods }) => (pods === undefined ? null : kubernetesSource()),
  secrets: (given) => [
    ...(given['pods'] === undefined ? [] : kubernetesSecrets(given)),
    ...searchSecrets(given['search']),
  ],
  timeoutMs: 60_000,
  example:
    '```yaml check\nkind: log\npath: logs/*.log\nlast: 15m\nforbid: "(?i)\\\\b(error|fatal|panic)\\\\b"\nrequire: "listening on"\n```',
  facts: { lines: 'int', forbidden: 'int', new_errors: 'list' },
  async run(given, unlimited) {
    // The time of a check that may start a command is the launcher's to keep: requests have it from here.
    const signal = AbortSignal.any([unlimited.signal, AbortSignal.timeout(unlimited.timeoutMs)])
    const powers = { ...unlimited, signal }
    const { lines, isCut } = await linesOf(given, powers)
    signal.throwIfAborted()
    const seen = await look(given, lines, powers)
    const facts = { lines: lines.length, forbidden: seen.forbidden.length, new_errors: seen.newErrors }
    const evidence = textEvidence('log.txt', seen.shown.length === 0 ? '' : `${seen.shown.join('\n')}\n`)
    const answer = (outcome: CheckResult['outcome'], say: string): CheckResult => ({
      outcome,
      say: oneLine(say),
      evidence,
      facts,
    })
    if (seen.problems.length > 0) return answer('failed', seen.problems.join('; '))
    if (isCut)
      return answer('inconclusive', 'the log is too long to be looked at from its beginning; name the time with last')
    if (lines.length < given['min-lines'])
      return answer('inconclusive', `${lines.length} lines${span(given)}, expected at least ${given['min-lines']}`)
    return judged(powers, facts, { say: `${lines.length} lines${span(given)}, nothing amiss`, evidence })
  },
  async probe(given, powers) {
    const last = given.path === undefined ? '10s' : given.last
    const { lines } = await linesOf({ ...given, last }, powers)
    return { ok: true, say: `it can be read${last === undefined ? '' : `, ${lines.length} lines in the last ${last}`}` }
  },
})

function slipOf(given: Config): { readonly message: string; readonly path: string[] } | null {
  if ((given.errors === undefined) !== (given['compared-with'] === undefined))
    return { message: 'expected errors and compared-with together', path: ['errors'] }
  if ([given.path, given.pods, given.search, given.journal].filter((place) => place !== undefined).length !== 1)
    return { message: 'expected path, pods, search or journal, one of them', path: ['path'] }
  const bounded = given.search === undefined ? given.journal && 'journal' : 'search'
  if (bounded !== undefined && given.last === undefined)
    return { message: `expected last beside ${bounded}, such as last: 15m`, path: ['last'] }
  if (given.container !== undefined && given.pods === undefined)
    return { message: 'expected pods beside container', path: ['container'] }
  return null
}

function span({ last }: Config): string {
  return last === undefined ? '' : ` in ${sayMillis(millisOf(last))}`
}

interface Lines {
  readonly lines: readonly LogLine[]
  /** There was more, and the checklist does not say that only the newest counts. */
  readonly isCut: boolean
}

async function linesOf(given: Config, powers: CheckPowers): Promise<Lines> {
  const { path = '', pods, search, journal } = given
  if (search !== undefined) return searchedLines(search, millisOf(given.last ?? '15m'), powers)
  if (journal !== undefined) return journalLines(journal, millisOf(given.last ?? '15m'), powers)
  if (pods !== undefined) {
    const lastMs = given.last === undefined ? null : millisOf(given.last)
    return podLines({ ...given, pods }, lastMs, powers)
  }
  const files = await filesNamed(path, powers, mostFiles)
  if (files.length === 0) throw new ConfigFault(`there is no log at ${fill(path, powers.variables)}`)
  const since = given.last === undefined ? null : powers.clock.now() - millisOf(given.last)
  const lines: LogLine[] = []
  let isCut = false
  for (const file of files) {
    powers.signal.throwIfAborted()
    const { text, isWhole } = await readEnd(powers, file)
    const all = readLines(text)
    const first = all.find(({ at }) => at !== null)?.at ?? null
    if (since !== null && all.length > 0 && first === null)
      throw new ConfigFault(`no line of ${file} says its time, so nobody can tell which are of ${given.last}`)
    // What was left out at the beginning is of an earlier time than the first line that is there.
    if (!isWhole && (since === null || first === null || first > since)) isCut = true
    for (const line of all) if (since === null || (line.at !== null && line.at >= since)) lines.push(line)
  }
  return { lines, isCut }
}

interface Seen {
  readonly problems: readonly string[]
  readonly forbidden: readonly LogLine[]
  readonly newErrors: readonly string[]
  /** For the evidence; a line with a secret is not among them. */
  readonly shown: readonly string[]
}

async function look(given: Config, lines: readonly LogLine[], powers: CheckPowers): Promise<Seen> {
  const forbidden = given.forbid === undefined ? [] : matching(given.forbid, lines)
  const newErrors = await newClasses(given, lines, powers)
  const telling = given.secrets
    ? lines.map((line) => [line, secretIn(line.text)] as const).filter(([, what]) => what !== null)
    : []
  const odd = given.json ? lines.filter(({ text }) => parsed(text) === null) : []
  const clean = (line: LogLine | undefined): string =>
    line === undefined || secretIn(line.text) !== null ? '(not shown)' : line.text
  const problems = [
    forbidden.length > given.max &&
      `${forbidden.length} lines match /${given.forbid}/, at most ${given.max}: ${clean(forbidden[0])}`,
    given.require !== undefined && matching(given.require, lines).length === 0 && `no line matches /${given.require}/`,
    newErrors.length > 0 &&
      `${newErrors.length} kinds of error that ${given['compared-with']} does not have: ${newErrors[0]}`,
    telling.length > 0 &&
      `line ${placeOf(telling[0]?.[0])} holds what looks like ${telling[0]?.[1]}${telling.length === 1 ? '' : `, and ${telling.length - 1} more`}`,
    odd.length > 0 && `line ${placeOf(odd[0])} is no JSON object: ${clean(odd[0])}`,
  ].filter((problem) => typeof problem === 'string')
  const shown = [...forbidden, ...odd].slice(0, 200).map((line) => `${placeOf(line)}: ${clean(line)}`)
  return { problems, forbidden, newErrors, shown: [...shown, ...newErrors.map((one) => `new: ${one}`)] }
}

function placeOf(line: LogLine | undefined): string {
  return line?.from === undefined ? String(line?.number) : `${line.number} of ${line.from}`
}

function matching(source: string, lines: readonly LogLine[]): readonly LogLine[] {
  const pattern = patternOf(source)
  return lines.filter(({ text }) => pattern.find(text))
}

async function newClasses(given: Config, lines: readonly LogLine[], powers: CheckPowers): Promise<readonly string[]> {
  const { errors, 'compared-with': before } = given
  if (errors === undefined || before === undefined) return []
  const files = await filesNamed(before, powers, mostFiles)
  if (files.length === 0) throw new ConfigFault(`there is no log at ${fill(before, powers.variables)}`)
  const known = new Set<string>()
  for (const file of files)
    for (const line of matching(errors, readLines((await readEnd(powers, file)).text))) known.add(classOf(line.text))
  const now = new Set(
    matching(errors, lines)
      .filter(({ text }) => secretIn(text) === null)
      .map(({ text }) => classOf(text)),
  )
  return [...now].filter((one) => !known.has(one)).slice(0, 50)
}
