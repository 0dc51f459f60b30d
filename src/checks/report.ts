/** `yaml check kind: report`: a JUnit test report, written by another tool, says that the tests passed. */
import { glob } from 'node:fs/promises'
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck, type EvidenceBytes } from '../core/ports/check.ts'
import { ageProblem } from './parts/age.ts'
import { bytesEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, fill, pathUnder } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { emptyTally, type Tally, tallyJunit } from './parts/junit.ts'
import { openFile } from './parts/open-file.ts'
import { oneLine } from './parts/say.ts'
import { XmlFault } from './parts/xml.ts'

const config = z.strictObject({
  format: z.literal('junit').describe('JUnit XML, as nearly every test tool writes it'),
  path: z.string().min(1).describe("File, or files with *, relative to the checklist's folder"),
  'max-failures': z.number().int().nonnegative().default(0).describe('Failures and errors that are still accepted'),
  'max-skipped': z.number().int().nonnegative().optional().describe('Skipped tests that are still accepted'),
  'min-tests': z.number().int().positive().default(1).describe('Fewer tests than this are no proof'),
  'newer-than': durationField.optional().describe('The oldest file was written at most this long ago'),
  commit: z.string().min(1).optional().describe('Commit that a property of the report must name'),
})

type Config = z.infer<typeof config>

const largestFile = 64 * 1024 * 1024
const mostFiles = 2_000

export const report = defineCheck({
  kind: 'report',
  summary: 'A JUnit test report says that the tests passed',
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
    age_seconds: 'double',
  },
  async run(given, powers) {
    const paths = await pathsOf(given, powers)
    if (paths.length === 0)
      return { outcome: 'errored', say: `there is no report at ${fill(given.path, powers.variables)}`, evidence: [] }
    try {
      return decide(given, await readAll(paths, powers.signal), powers)
    } catch (fault) {
      if (fault instanceof XmlFault)
        return { outcome: 'errored', say: `the report cannot be read: ${fault.message}`, evidence: [] }
      throw fault
    }
  },
})

interface Read {
  readonly tally: Tally
  readonly oldest: number
  readonly newest: number
  readonly files: number
  readonly evidence: readonly EvidenceBytes[]
}

async function pathsOf(given: Config, powers: CheckPowers): Promise<readonly string[]> {
  const path = fill(given.path, powers.variables)
  if (!path.includes('*')) {
    const one = await pathUnder(powers, given.path)
    return one === null ? [] : [one]
  }
  const paths: string[] = []
  for await (const name of glob(path, { cwd: powers.root })) {
    const real = await pathUnder({ root: powers.root, variables: {} }, name)
    if (real !== null) paths.push(real)
    if (paths.length > mostFiles) throw new ConfigFault(`${path} names more than ${mostFiles} files`)
  }
  return paths.sort()
}

async function readAll(paths: readonly string[], signal: AbortSignal): Promise<Read> {
  let tally = emptyTally
  let oldest = Number.POSITIVE_INFINITY
  let newest = Number.NEGATIVE_INFINITY
  const evidence: EvidenceBytes[] = []
  for (const path of paths) {
    signal.throwIfAborted()
    const { bytes, changedAt } = await readOne(path)
    tally = tallyJunit(bytes.toString('utf8'), tally)
    oldest = Math.min(oldest, changedAt)
    newest = Math.max(newest, changedAt)
    if (evidence.length < 10)
      evidence.push(...bytesEvidence(path.slice(path.lastIndexOf('/') + 1), bytes, 'application/xml'))
  }
  return { tally, oldest, newest, files: paths.length, evidence }
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
  const { tests, failures, errors, skipped, seconds, failing } = read.tally
  const ageMs = powers.clock.now() - read.oldest
  const facts = { tests, failures, errors, skipped, time_seconds: seconds, age_seconds: ageMs / 1_000 }
  const answer = (outcome: CheckResult['outcome'], say: string): CheckResult => ({
    outcome,
    say: oneLine(say),
    evidence: read.evidence,
    facts,
  })
  const bad = failures + errors
  const standing = `${tests} tests, ${bad} failed, ${skipped} skipped`
  if (tests === 0) return answer('inconclusive', 'the report holds no test')
  if (bad > given['max-failures'])
    return answer(
      'failed',
      `${standing}, at most ${given['max-failures']} may fail${failing.length === 0 ? '' : `: ${failing.join(', ')}`}`,
    )
  if (tests < given['min-tests']) return answer('failed', `${standing}, expected at least ${given['min-tests']} tests`)
  const skips = given['max-skipped']
  if (skips !== undefined && skipped > skips) return answer('failed', `${standing}, at most ${skips} may be skipped`)
  const limit = given['newer-than']
  const age =
    ageProblem('the report', ageMs, limit) ?? ageProblem('the report', powers.clock.now() - read.newest, limit)
  if (age) return answer(age.outcome, age.say)
  if (given.commit !== undefined) {
    const wanted = fill(given.commit, powers.variables)
    if (read.tally.commits.length === 0) return answer('inconclusive', `the report names no commit, expected ${wanted}`)
    const other = read.tally.commits.find((commit) => commit !== wanted)
    if (other !== undefined) return answer('failed', `the report is about commit ${other}, expected ${wanted}`)
  }
  return judged(powers, facts, { say: standing, evidence: read.evidence })
}
