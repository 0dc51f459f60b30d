/** `yaml check kind: report`: what another tool wrote about tests, coverage, weaknesses or licences is within its limits. */
import { type CheckPowers, type CheckResult, defineCheck, type EvidenceBytes } from '../core/ports/check.ts'
import { ageProblem } from './parts/age.ts'
import { bytesEvidence } from './parts/evidence.ts'
import { ConfigFault, fill, pathUnder } from './parts/fields.ts'
import { filesNamed } from './parts/files-named.ts'
import { judged } from './parts/judged.ts'
import { openFile } from './parts/open-file.ts'
import { oneLine } from './parts/say.ts'
import { XmlFault } from './parts/xml.ts'
import { ReportFault } from './report-formats/fault.ts'
import { type Judged, judgeCoverage, judgeFindings, judgeLicences, judgeTests } from './report-formats/judge.ts'
import { formats, settings as config, type Settings as Config } from './report-formats/settings.ts'

const largestFile = 64 * 1024 * 1024
const mostFiles = 2_000

export const report = defineCheck({
  kind: 'report',
  summary: 'What another tool wrote about tests, coverage, weaknesses or licences is within its limits',
  config,
  needs: ['files'],
  timeoutMs: 60_000,
  example: '```yaml check\nkind: report\nformat: junit\npath: build/reports/*.xml\nmin-tests: 100\nnewer-than: 1h\n```',
  facts: {
    tests: 'int',
    failures: 'int',
    errors: 'int',
    skipped: 'int',
    time_seconds: 'double',
    lines_percent: 'double',
    branches_percent: 'double',
    files: 'int',
    critical: 'int',
    high: 'int',
    medium: 'int',
    low: 'int',
    info: 'int',
    unknown: 'int',
    findings: 'int',
    allowed: 'int',
    packages: 'int',
    refused: 'int',
    age_seconds: 'double',
  },
  async run(written, powers) {
    const given = withLimits(written, powers.variables)
    const paths = await pathsOf(given, powers)
    if (paths.length === 0)
      return { outcome: 'errored', say: `there is no report at ${fill(given.path, powers.variables)}`, evidence: [] }
    let read: Read | null = null
    try {
      read = await readAll(paths, powers.signal)
      return decide(given, read, powers)
    } catch (fault) {
      if (!isUnreadable(fault)) throw fault
      const say = `the report${unreadableOf(given, read)} cannot be read: ${fault.message}`
      return { outcome: 'errored', say: oneLine(say), evidence: [] }
    }
  },
})

function isUnreadable(fault: unknown): fault is XmlFault | ReportFault {
  return fault instanceof XmlFault || fault instanceof ReportFault
}

/** Of several files the first that cannot be read, by its name; empty where there is only one. */
function unreadableOf(given: Config, read: Read | null): string {
  if (read === null || read.texts.length < 2) return ''
  const at = read.texts.findIndex((text) => {
    try {
      judgeOf(given, [text], 0)
      return false
    } catch (fault) {
      return isUnreadable(fault)
    }
  })
  return at < 0 ? '' : ` ${read.names[at]}`
}

/** Shares of coverage with their names filled in. 0.8 would be a ratio that somebody took for 80 %, and open the gate to all. */
function withLimits(given: Config, variables: CheckPowers['variables']): Config {
  const filled = (share: Config['lines']): Config['lines'] => {
    if (typeof share !== 'string' || !share.includes('{{')) return share
    const text = fill(share, variables)
    const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN)
    if (!(percent >= 1 && percent <= 100))
      throw new ConfigFault(`${share} is ${text}: expected 1% to 100%, such as 80%`)
    return percent
  }
  return {
    ...given,
    lines: filled(given.lines),
    branches: filled(given.branches),
    'each-file': filled(given['each-file']),
  }
}

interface Read {
  readonly names: readonly string[]
  readonly texts: readonly string[]
  readonly oldest: number
  readonly newest: number
  readonly evidence: readonly EvidenceBytes[]
}

async function pathsOf(given: Config, powers: CheckPowers): Promise<readonly string[]> {
  const names = await filesNamed(given.path, powers, mostFiles)
  const paths = await Promise.all(names.map((name) => pathUnder({ root: powers.root, variables: {} }, name)))
  return paths.filter((path) => path !== null).toSorted()
}

async function readAll(paths: readonly string[], signal: AbortSignal): Promise<Read> {
  let oldest = Number.POSITIVE_INFINITY
  let newest = Number.NEGATIVE_INFINITY
  const texts: string[] = []
  const evidence: EvidenceBytes[] = []
  const names = paths.map((path) => path.slice(path.lastIndexOf('/') + 1))
  for (const path of paths) {
    signal.throwIfAborted()
    const { bytes, changedAt } = await readOne(path)
    texts.push(bytes.toString('utf8').replace(/^\uFEFF/, ''))
    oldest = Math.min(oldest, changedAt)
    newest = Math.max(newest, changedAt)
    if (evidence.length < 10)
      evidence.push(...bytesEvidence(path.slice(path.lastIndexOf('/') + 1), bytes, mediaTypeOf(bytes)))
  }
  return { names, texts, oldest, newest, evidence }
}

function mediaTypeOf(bytes: Buffer): string {
  const first = bytes.toString('latin1', 0, 200).replace(/^(?:\xEF\xBB\xBF)?\s*/, '')[0]
  return first === '<' ? 'application/xml' : first === '{' || first === '[' ? 'application/json' : 'text/plain'
}

async function readOne(path: string): Promise<{ readonly bytes: Buffer; readonly changedAt: number }> {
  const handle = await openFile(path, path.slice(path.lastIndexOf('/') + 1))
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new XmlFault(`${path} is no file`)
    if (stat.size > largestFile) throw new XmlFault(`${path} is larger than ${largestFile} bytes`)
    // As much as was there when it was opened: a file that grows has no end.
    const bytes = Buffer.alloc(stat.size)
    const { bytesRead } = await handle.read(bytes, 0, stat.size, 0)
    return { bytes: bytes.subarray(0, bytesRead), changedAt: stat.mtimeMs }
  } finally {
    await handle.close()
  }
}

function decide(given: Config, read: Read, powers: CheckPowers): CheckResult {
  const now = powers.clock.now()
  const seen = judgeOf(given, read.texts, now)
  const facts = { ...seen.facts, age_seconds: (now - read.oldest) / 1_000 }
  const answer = ({ outcome, say }: Pick<Judged, 'outcome' | 'say'>): CheckResult => ({
    outcome,
    say: oneLine(say),
    evidence: read.evidence,
    facts,
  })
  if (seen.outcome !== 'passed') return answer(seen)
  const limit = given['newer-than']
  const age = ageProblem('the report', now - read.oldest, limit) ?? ageProblem('the report', now - read.newest, limit)
  if (age) return answer(age)
  const other = otherCommit(given, seen, powers)
  if (other) return answer(other)
  return judged(powers, facts, { say: seen.say, evidence: read.evidence })
}

function judgeOf(given: Config, texts: readonly string[], now: number): Judged {
  switch (formats[given.format]) {
    case 'tests':
      return judgeTests(given, texts)
    case 'coverage':
      return judgeCoverage(given, texts)
    case 'findings':
      return judgeFindings(given, texts, now)
    case 'licences':
      return judgeLicences(given, texts, now)
  }
}

function otherCommit(given: Config, { commits }: Judged, powers: CheckPowers): Pick<Judged, 'outcome' | 'say'> | null {
  if (given.commit === undefined) return null
  const wanted = fill(given.commit, powers.variables)
  if (commits === null || commits.length === 0)
    return { outcome: 'inconclusive', say: `the report names no commit, expected ${wanted}` }
  const other = commits.find((commit) => commit !== wanted)
  return other === undefined
    ? null
    : { outcome: 'failed', say: `the report is about commit ${other}, expected ${wanted}` }
}
