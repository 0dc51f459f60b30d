/** What the limits of a checklist make of a report. */
import type { CheckOutcome } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { sayNumber } from '../parts/say.ts'
import { type CoverageFormat, coverageReaders, percentOf, together } from './coverage.ts'
import { ReportFault, readJson, textOf, treeOf, treesIn } from './fault.ts'
import { type Finding, type FindingsFormat, findingsReaders, severities, type Severity } from './findings.ts'
import { emptyTally, type Tally, tallyJunit } from './junit.ts'
import { isAllowed, readLicences } from './licences.ts'
import { whyNoProof } from './looked-at.ts'
import type { Settings } from './settings.ts'

export interface Judged {
  readonly outcome: CheckOutcome
  readonly say: string
  readonly facts: Readonly<Record<string, Json>>
  /** Commits that the reports name; null = this format names none. */
  readonly commits: readonly string[] | null
}

export function judgeTests(given: Settings, texts: readonly string[]): Judged {
  const tally = texts.reduce<Tally>((before, text) => tallyJunit(text, before), emptyTally)
  const { tests, failures, errors, skipped, seconds, failing, commits } = tally
  const facts = { tests, failures, errors, skipped, time_seconds: seconds }
  const bad = failures + errors
  const standing = `${tests} tests, ${bad} failed, ${skipped} skipped`
  const answer = (outcome: CheckOutcome, say: string): Judged => ({ outcome, say, facts, commits })
  const { 'max-failures': most = 0, 'min-tests': least = 1, 'max-skipped': skips } = given
  if (tests === 0) return answer('inconclusive', 'the report holds no test')
  if (bad === 0 && skipped >= tests) return answer('inconclusive', `${standing}: none was run`)
  if (bad > most)
    return answer(
      'failed',
      `${standing}, at most ${most} may fail${failing.length === 0 ? '' : `: ${failing.join(', ')}`}`,
    )
  if (tests < least) return answer('failed', `${standing}, expected at least ${least} tests`)
  if (skips !== undefined && skipped > skips) return answer('failed', `${standing}, at most ${skips} may be skipped`)
  return answer('passed', standing)
}

export function judgeCoverage(given: Settings, texts: readonly string[]): Judged {
  const files = texts.flatMap((text) => coverageReaders[given.format as CoverageFormat](text))
  const [lines, branches] = [together(files, 'lines'), together(files, 'branches')]
  const facts = { lines_percent: percentOf(lines), branches_percent: percentOf(branches), files: files.length }
  const answer = (outcome: CheckOutcome, say: string): Judged => ({ outcome, say, facts, commits: null })
  if (lines.total === 0) return answer('inconclusive', 'the report holds no line of code')
  const limits = { lines: limitOf(given.lines), branches: limitOf(given.branches), file: limitOf(given['each-file']) }
  if (limits.branches !== null && branches.total === 0)
    return answer('inconclusive', 'the report holds no branch, so nobody can say how many are covered')
  const poor =
    limits.file === null
      ? []
      : files
          .filter((file) => percentOf(file.lines) < (limits.file ?? 0))
          .map(({ name, lines: own }) => `${name} ${sayNumber(percentOf(own))} %`)
  const problems = [
    below('lines', facts.lines_percent, limits.lines),
    below('branches', facts.branches_percent, limits.branches),
    poor.length > 0 && `${poor.length} of ${files.length} files below ${limits.file} %: ${poor.slice(0, 3).join(', ')}`,
  ].filter((problem) => typeof problem === 'string')
  const standing = [
    `lines ${beside(facts.lines_percent, limits.lines)}`,
    limits.branches !== null && `branches ${beside(facts.branches_percent, limits.branches)}`,
  ]
  return problems.length > 0
    ? answer('failed', problems.join('; '))
    : answer('passed', `${standing.filter((part) => part !== false).join(', ')}, in ${files.length} files`)
}

function limitOf(written: string | number | undefined): number | null {
  return written === undefined ? null : Number(String(written).replace('%', ''))
}

function below(what: string, percent: number, limit: number | null): string | false {
  return limit !== null && percent < limit && `${what} ${beside(percent, limit)}`
}

function beside(percent: number, limit: number | null): string {
  return `${sayNumber(percent)} %${limit === null ? '' : percent < limit ? `, expected at least ${limit} %` : ` (at least ${limit} %)`}`
}

/** No finding of these is accepted unless the checklist says how many. */
const strict: Partial<Record<Severity, number>> = { critical: 0, high: 0, unknown: 0 }

export function judgeFindings(given: Settings, texts: readonly string[], now: number): Judged {
  const all = texts.flatMap((text) => findingsReaders[given.format as FindingsFormat](text))
  const { counted, allowed, ended } = sort(all, given, now)
  const counts = Object.fromEntries(
    severities.map((severity) => [severity, counted.filter((one) => one.severity === severity).length]),
  )
  const facts = { ...counts, findings: counted.length, allowed: allowed.length }
  const over = severities.filter((severity) => (counts[severity] ?? 0) > mostOf(given, severity))
  const commits = given.format === 'sarif' ? texts.flatMap(revisionsOf) : null
  if (over.length > 0) return { outcome: 'failed', say: overWords(over, counted, counts, given, ended), facts, commits }
  const why = texts.map((text) => whyNoProof(given.format as FindingsFormat, text)).find((one) => one !== null)
  if (why) return { outcome: 'inconclusive', say: `the report is no proof: ${why}`, facts, commits }
  const some = severities
    .filter((severity) => (counts[severity] ?? 0) > 0)
    .map((severity) => `${counts[severity]} ${severity}`)
  const standing = some.length === 0 ? 'nothing was found' : `found ${some.join(', ')}, all within their limits`
  const more = allowed.length === 0 ? '' : `, and ${allowed.length} accepted by name`
  return { outcome: 'passed', say: `${standing}${more}`, facts, commits }
}

function mostOf(given: Settings, severity: Severity): number {
  return given.max?.[severity] ?? strict[severity] ?? Number.POSITIVE_INFINITY
}

function overWords(
  over: readonly Severity[],
  counted: readonly Finding[],
  counts: Readonly<Record<string, number>>,
  given: Settings,
  ended: readonly string[],
): string {
  const told = over.map((severity) => `${counts[severity]} ${severity}, at most ${mostOf(given, severity)}`)
  const examples = counted
    .filter(({ severity }) => over.includes(severity))
    .slice(0, 3)
    .map(({ ids, where, title }) => [ids[0], where, title].filter((part) => part !== '').join(' '))
  const late = ended.length === 0 ? '' : `; no longer accepted: ${ended.join(', ')}`
  return `${told.join('; ')}: ${examples.join('; ')}${late}`
}

function sort(all: readonly Finding[], { allow = [] }: Settings, now: number) {
  const ended = allow.filter(({ until }) => isOver(until, now))
  const inForce = allow.filter(({ until }) => !isOver(until, now))
  const isNamed = (finding: Finding, names: readonly { readonly id: string }[]): boolean =>
    names.some(({ id }) => finding.ids.includes(id))
  return {
    counted: all.filter((finding) => !isNamed(finding, inForce)),
    allowed: all.filter((finding) => isNamed(finding, inForce)),
    ended: ended
      .filter(({ id }) => all.some(({ ids }) => ids.includes(id)))
      .map(({ id, until }) => `${id} (until ${until})`),
  }
}

/** A day ends with its last moment in UTC. */
function isOver(until: string, now: number): boolean {
  return now >= Date.parse(`${until}T00:00:00Z`) + 86_400_000
}

function revisionsOf(text: string): readonly string[] {
  return treesIn(treeOf(readJson(text))?.['runs'], 'runs').flatMap((run) =>
    treesIn(run['versionControlProvenance'], 'versionControlProvenance')
      .map((one) => textOf(one['revisionId']))
      .filter((id) => id !== ''),
  )
}

export function judgeLicences(given: Settings, texts: readonly string[], now: number): Judged {
  const packages = texts.flatMap(readLicences)
  const names = new Set((given.licences ?? []).map((name) => name.toLowerCase()))
  const { allow = [] } = given
  const accepted = new Set(allow.filter(({ until }) => !isOver(until, now)).map(({ id }) => id))
  const others = packages.filter(({ name, licence }) => !isAllowed(licence, names) && !isAccepted(name, accepted))
  const facts = { packages: packages.length, refused: others.length }
  if (packages.length === 0) throw new ReportFault('it lists no package')
  if (others.length === 0)
    return {
      outcome: 'passed',
      say: `${packages.length} packages, all under licences that may be used`,
      facts,
      commits: null,
    }
  const shown = others.slice(0, 3).map(({ name, licence }) => `${name} (${licence === '' ? 'says none' : licence})`)
  const more = others.length > 3 ? ` and ${others.length - 3} more` : ''
  return {
    outcome: 'failed',
    say: `${others.length} of ${packages.length} packages under other licences: ${shown.join(', ')}${more}`,
    facts,
    commits: null,
  }
}

/** With its version or without. */
function isAccepted(name: string, accepted: ReadonlySet<string>): boolean {
  return accepted.has(name) || accepted.has(name.replace(/(?<=.)[@ ][^@ ]+$/, ''))
}
