/** `yaml check kind: version`: the version is one, follows the one before, and every manifest and the changelog say it. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, fill, patternField, patternOf } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { readText } from './parts/read-text.ts'
import { oneLine } from './parts/say.ts'
import { bumpOf, bumps, readVersion } from './version-places/semantic.ts'
import { versionIn } from './version-places/manifest.ts'

const config = z.strictObject({
  version: z.string().min(1).default('{{ version }}').describe('What is released; a leading v is passed over'),
  pattern: patternField.optional().describe('Instead of Semantic Versioning: what all of a version matches'),
  after: z
    .string()
    .min(1)
    .optional()
    .describe('The version before, such as {{ previous }}: it has to be a smaller one'),
  bump: z
    .array(z.enum(bumps))
    .min(1)
    .optional()
    .describe('Which steps from `after` are allowed: exactly one part up, those behind it 0'),
  files: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Manifests that name the version: package.json, Cargo.toml, pyproject.toml, Info.plist, Chart.yaml, OpenAPI and other JSON, YAML and TOML; `file#a.b` names the place',
    ),
  mentioned: z
    .array(z.string().min(1))
    .default([])
    .describe('Texts in which the version stands as a word: CHANGELOG.md'),
})

type Config = z.infer<typeof config>

export const version = defineCheck({
  kind: 'version',
  summary: 'The version is one, follows the one before, and manifests and changelog agree with it',
  config: config.refine((given) => given.bump === undefined || given.after !== undefined, {
    error: 'expected after: the version that the step is taken from, such as {{ previous }}',
    path: ['bump'],
  }),
  needs: ['files'],
  timeoutMs: 30_000,
  example:
    '```yaml check\nkind: version\nafter: "{{ previous }}"\nbump: [patch, minor]\nfiles: [package.json, openapi.yaml]\nmentioned: [CHANGELOG.md]\n```',
  facts: { version: 'string', bump: 'string', files: 'map' },
  async run(given, powers) {
    const wanted = bare(fill(given.version, powers.variables))
    const problems = [...wordProblems(wanted, given), ...stepProblems(wanted, given, powers)]
    const found: Record<string, string> = {}
    for (const file of given.files) {
      const said = bare(await versionOf(file, powers))
      found[fill(file, powers.variables)] = said
      if (said !== wanted) problems.push(`${fill(file, powers.variables)} says ${said}`)
    }
    for (const file of given.mentioned)
      if (!mentions(await readText(powers, file), wanted))
        problems.push(`${fill(file, powers.variables)} does not mention it`)
    return decide(wanted, problems, found, given, powers)
  },
})

function decide(
  wanted: string,
  problems: readonly string[],
  found: Readonly<Record<string, string>>,
  given: Config,
  powers: CheckPowers,
): CheckResult {
  const after = given.after === undefined ? undefined : bare(fill(given.after, powers.variables))
  const bump = after === undefined ? null : bumpOf(after, wanted)
  const facts = { version: wanted, files: { ...found }, ...(bump === null ? {} : { bump }) }
  const lines = Object.entries(found).map(([file, said]) => `${file}: ${said}`)
  const evidence = textEvidence('versions.txt', lines.length === 0 ? '' : `${lines.join('\n')}\n`)
  if (problems.length > 0)
    return { outcome: 'failed', say: oneLine(`${wanted}: ${problems.join('; ')}`), evidence, facts }
  const places = given.files.length + given.mentioned.length
  const step = after === undefined ? '' : ` after ${after}${bump === null ? '' : `, a ${bump}`}`
  return judged(powers, facts, {
    say: oneLine(`${wanted}${step}${places === 0 ? '' : `, in all ${places} files`}`),
    evidence,
  })
}

function bare(text: string): string {
  return text.trim().replace(/^v(?=\d)/, '')
}

function wordProblems(wanted: string, { pattern }: Config): string[] {
  if (pattern !== undefined) return patternOf(`^(?:${pattern})$`).find(wanted) ? [] : [`it does not match ${pattern}`]
  return readVersion(wanted) === null ? ['it is no version, expected three numbers such as 1.4.0'] : []
}

function stepProblems(wanted: string, { after, bump }: Config, powers: CheckPowers): string[] {
  if (after === undefined) return []
  const before = bare(fill(after, powers.variables))
  if (before === '') throw new ConfigFault('nobody knows what served before: `after` is empty')
  if (readVersion(before) === null) throw new ConfigFault(`"${before}" for after is no version`)
  const step = readVersion(wanted) === null ? null : bumpOf(before, wanted)
  if (step === 'none' || step === 'back') return [`it does not come after ${before}`]
  return step === null || bump === undefined || bump.includes(step as never)
    ? []
    : [`after ${before} it is a ${step} step, expected ${bump.join(' or ')}`]
}

async function versionOf(written: string, powers: CheckPowers): Promise<string> {
  const [file = '', place] = written.split('#')
  const name = fill(file, powers.variables)
  const said = versionIn(name, await readText(powers, file), place)
  if ('why' in said) throw new ConfigFault(`${name}: ${said.why}`)
  return said.version
}

/** As a word of its own: 1.4.0 does not stand in 11.4.0 or 1.4.0.1. */
function mentions(text: string, wanted: string): boolean {
  const literal = wanted.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return patternOf(`(?:^|[^0-9A-Za-z.])v?${literal}(?:$|[^0-9A-Za-z.+-]|[.+-](?:$|[^0-9A-Za-z]))`).find(text)
}
