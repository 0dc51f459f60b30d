/** `yaml check kind: file`: a file is there, is young and large enough, and holds what it should. */
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { bytesOf, durationField, fill, pathUnder, patternField, patternOf, sizeField } from './parts/fields.ts'
import { ageProblem } from './parts/age.ts'
import { judged } from './parts/judged.ts'
import { openFile } from './parts/open-file.ts'
import { oneLine, sayMillis } from './parts/say.ts'

const config = z.strictObject({
  path: z.string().min(1).describe("File, relative to the checklist's folder"),
  exists: z.boolean().default(true).describe('false = there must be no such file'),
  contains: z.string().min(1).optional().describe('Text that must stand in it'),
  matches: patternField.optional().describe('Pattern that must match somewhere in it'),
  'newer-than': durationField.optional().describe('Last changed at most this long ago'),
  'min-size': sizeField.optional().describe('At least this many bytes'),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, { error: 'expected 64 hex digits' })
    .optional()
    .describe('Digest of its bytes'),
})

type Config = z.infer<typeof config>

/** Text is looked for in files up to this size; a digest is taken of any. */
const searchCap = 64 * 1024 * 1024

export const file = defineCheck({
  kind: 'file',
  summary: 'A file is there, young and large enough, and holds what it should',
  config,
  needs: ['files'],
  timeoutMs: 60_000,
  example: '```yaml check\nkind: file\npath: CHANGELOG.md\ncontains: "## {{ version }}"\n```',
  facts: { exists: 'bool', size: 'int', age_seconds: 'double' },
  async run(given, powers) {
    const path = await pathUnder(powers, given.path)
    const name = fill(given.path, powers.variables)
    if (path === null) return missing(given, name, powers)
    if (!given.exists)
      return { outcome: 'failed', say: `${name} is there, and must not be`, evidence: [], facts: { exists: true } }
    const handle = await openFile(path, name)
    try {
      return await inspect(handle, name, given, powers)
    } finally {
      await handle.close()
    }
  },
})

function missing(given: Config, name: string, powers: CheckPowers): CheckResult {
  const facts = { exists: false }
  if (given.exists) return { outcome: 'failed', say: `${name} does not exist`, evidence: [], facts }
  return judged(powers, facts, { say: `${name} does not exist`, evidence: [] })
}

async function inspect(handle: FileHandle, name: string, given: Config, powers: CheckPowers): Promise<CheckResult> {
  const stat = await handle.stat()
  if (!stat.isFile()) return { outcome: 'failed', say: `${name} is no file`, evidence: [] }
  const ageMs = powers.clock.now() - stat.mtimeMs
  const facts = { exists: true, size: stat.size, age_seconds: ageMs / 1_000 }
  const failed = (say: string): CheckResult => ({ outcome: 'failed', say: oneLine(say), evidence: [], facts })
  const standing = `${name} is ${stat.size} bytes, changed ${sayMillis(Math.max(0, ageMs))} ago`
  const least = given['min-size']
  if (least !== undefined && !(stat.size >= bytesOf(least)))
    return failed(`${name} is ${stat.size} bytes, expected at least ${least}`)
  const wrong =
    ageProblem(name, ageMs, given['newer-than']) ??
    (await wrongDigest(handle, name, given, powers.signal)) ??
    (await wrongText(handle, stat.size, name, given, powers))
  if (wrong) return { ...failed(wrong.say), outcome: wrong.outcome }
  return judged(powers, facts, { say: standing, evidence: [] })
}

type Wrong = { readonly outcome: 'failed' | 'errored'; readonly say: string } | null

async function wrongDigest(handle: FileHandle, name: string, given: Config, signal: AbortSignal): Promise<Wrong> {
  if (given.sha256 === undefined) return null
  const hash = createHash('sha256')
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false, signal }))
    hash.update(chunk as Buffer)
  const digest = hash.digest('hex')
  return digest === given.sha256.toLowerCase()
    ? null
    : { outcome: 'failed', say: `${name} has sha256 ${digest}, expected ${given.sha256}` }
}

async function wrongText(
  handle: FileHandle,
  size: number,
  name: string,
  given: Config,
  powers: CheckPowers,
): Promise<Wrong> {
  if (given.contains === undefined && given.matches === undefined) return null
  if (size > searchCap) return { outcome: 'errored', say: `${name} is ${size} bytes, too large to be searched` }
  const bytes = Buffer.alloc(size)
  await handle.read(bytes, 0, size, 0)
  const text = bytes.toString('utf8')
  if (given.contains !== undefined) {
    const wanted = fill(given.contains, powers.variables)
    if (!text.includes(wanted)) return { outcome: 'failed', say: `${name} does not contain "${wanted}"` }
  }
  if (given.matches !== undefined && !patternOf(given.matches).find(text)) {
    return { outcome: 'failed', say: `/${given.matches}/ matches nowhere in ${name}` }
  }
  return null
}
