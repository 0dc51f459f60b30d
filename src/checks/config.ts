/** `yaml check kind: config`: settings can be read, are complete, are those that were declared, and hold no secret in clear. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { clearProblems, differences, keysIn, missingProblems, patternProblems } from './config-files/compared.ts'
import { lookAtCompose } from './config-files/compose.ts'
import { declaredIn, fromAddress, fromFiles, type Gathered, variablesOf } from './config-files/gathered.ts'
import { formats, leavesOf, settingAt } from './config-files/settings.ts'
import { codeFiles, secretsInCode, undeclaredVariables } from './config-files/source-code.ts'
import { textEvidence } from './parts/evidence.ts'
import { patternField, pathUnder } from './parts/fields.ts'
import { counted } from './parts/finding.ts'
import { judged } from './parts/judged.ts'
import { oneLine } from './parts/say.ts'

const names = z.array(z.string().min(1)).min(1)
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

const config = z.strictObject({
  files: names
    .optional()
    .describe('Files of settings, * allowed: .env, JSON, YAML, TOML. They are put together, a later one wins'),
  url: z
    .string()
    .min(1)
    .optional()
    .describe('Instead of files: address that tells the settings as JSON, such as that of feature flags'),
  headers: z.record(z.string(), z.string()).default({}).describe('With `url`; `{{ secret.NAME }}` for a token'),
  list: z
    .strictObject({ at: z.string().min(1).optional(), name: z.string().min(1), value: z.string().min(1) })
    .optional()
    .describe('With `url`: flags come as a list at this place: `{ at: features, name: name, value: enabled }`'),
  format: z.enum(formats).optional().describe('Where the name of a file does not tell it'),
  compose: z
    .boolean()
    .default(false)
    .describe('They are compose files: services, networks, volumes, ports and variables have to fit together'),
  variables: names.optional().describe('With `compose`: files with values of its variables; .env where there is one'),
  required: names.optional().describe('Settings that are there, not empty and no placeholder: `server.port`'),
  like: z.string().min(1).optional().describe('File such as .env.example: each of its settings is required'),
  matches: z.record(z.string(), patternField).optional().describe('What all of a setting matches, where it is there'),
  equals: z.record(z.string(), scalar).optional().describe('Settings and the values that they were declared to have'),
  'same-as': z.string().min(1).optional().describe('File with the declared values; only its settings are compared'),
  'nothing-else': z.boolean().default(false).describe('No setting that neither `equals` nor `same-as` declares'),
  code: names.optional().describe('Source code; each environment variable that it reads is among the settings'),
  elsewhere: z.array(z.string().min(1)).default([]).describe('Variables that something else sets'),
  'no-secrets': z
    .boolean()
    .default(true)
    .describe(
      'No setting holds a key or a password in clear; a reference, such as `${NAME}` or vault:…, may stand there',
    ),
  source: names
    .optional()
    .describe('Source code in which no key or password may stand in clear; node_modules and .git are passed over'),
  except: z
    .array(z.string().min(1))
    .default([])
    .describe('Settings, or files of `source` (* allowed), that may hold what looks like a secret'),
})

type Config = z.infer<typeof config>

export const configCheck = defineCheck({
  kind: 'config',
  summary: 'Settings can be read, are complete, are those that were declared, and hold no secret in clear',
  config: config.superRefine((given, context) => {
    const slip = slipOf(given)
    if (slip !== null) context.addIssue({ code: 'custom', message: slip.message, path: [slip.at] })
  }),
  needs: ['files', 'http', 'secret'],
  timeoutMs: 60_000,
  example:
    '```yaml check expect="int(settings.PORT) > 1024"\nkind: config\nfiles: [.env.production]\nlike: .env.example\nmatches: { DATABASE_URL: "postgres://.*" }\ncode: ["src/**/*.ts"]\n```',
  facts: { settings: 'dyn', files: 'int', keys: 'int', problems: 'int' },
  async run(given, powers) {
    const gathered = await gather(given, powers)
    const code = await codeLooked(given, gathered, powers)
    const problems = [
      ...gathered.problems,
      ...(await composeProblems(given, gathered, powers)),
      ...missingProblems(gathered.tree, await requiredOf(given, powers)),
      ...patternProblems(gathered.tree, given.matches ?? {}),
      ...(await declaredProblems(given, gathered, powers)),
      ...code.problems,
      ...(given['no-secrets']
        ? gathered.parts.flatMap(({ name, tree }) => clearProblems(name, tree, given.except))
        : []),
    ]
    return decide(problems, gathered, code.looked, given, powers)
  },
  async probe(given, powers) {
    if (given.url === undefined) return { ok: true, say: 'it only reads files' }
    const { tree } = await fromAddress({ ...given, url: given.url }, powers)
    return { ok: true, say: `it tells ${counted(keysIn(tree), 'setting')}` }
  },
})

function slipOf(given: Config): { readonly message: string; readonly at: string } | null {
  const { files, url, source, compose } = given
  if (files !== undefined && url !== undefined) return { message: 'expected files or url, one of them', at: 'url' }
  if (files === undefined && url === undefined && source === undefined)
    return { message: 'expected files, url or source: where what is looked at stands', at: 'files' }
  if (given.list !== undefined && url === undefined) return { message: 'expected url beside list', at: 'list' }
  if (compose && files === undefined) return { message: 'expected files beside compose', at: 'compose' }
  if (given.variables !== undefined && !compose)
    return { message: 'expected compose beside variables', at: 'variables' }
  const asking = (['required', 'like', 'matches', 'equals', 'same-as', 'code'] as const).find((name) => given[name])
  if (asking !== undefined && files === undefined && url === undefined)
    return { message: `expected files or url beside ${asking}`, at: asking }
  if (given['nothing-else'] && given.equals === undefined && given['same-as'] === undefined)
    return { message: 'expected equals or same-as beside nothing-else', at: 'nothing-else' }
  if (url !== undefined && asking === undefined && !given['no-secrets'])
    return { message: 'expected what its settings have to be: required, matches, equals or same-as', at: 'url' }
  return null
}

async function gather(given: Config, powers: CheckPowers): Promise<Gathered> {
  if (given.url !== undefined) return fromAddress({ ...given, url: given.url }, powers)
  const format = given.format ?? (given.compose ? 'yaml' : undefined)
  return fromFiles(given.files ?? [], { format, joined: given.compose }, powers)
}

async function composeProblems(given: Config, { tree, problems }: Gathered, powers: CheckPowers): Promise<string[]> {
  // What could not be read has been said; what it would have held is not missed as well.
  if (!given.compose || problems.length > 0) return []
  const variables = await variablesOf(given.variables, powers)
  const values = Object.fromEntries([
    ...given.elsewhere.map((name) => [name, name] as const),
    ...leavesOf(variables.tree).map(([name, value]) => [name, typeof value === 'string' ? value : ''] as const),
  ])
  const seen = lookAtCompose(tree, values)
  const gone: string[] = []
  for (const file of seen.envFiles)
    if ((await pathUnder({ root: powers.root, variables: {} }, file)) === null)
      gone.push(`there is no env_file ${file}`)
  return [...variables.problems, ...seen.problems, ...gone]
}

async function requiredOf({ required = [], like }: Config, powers: CheckPowers): Promise<readonly string[]> {
  if (like === undefined) return required
  const keys = leavesOf((await declaredIn(like, powers)).tree).map(([key]) => key)
  return [...new Set([...required, ...keys.filter((key) => key !== '')])]
}

async function declaredProblems(
  given: Config,
  { tree, isText }: Gathered,
  powers: CheckPowers,
): Promise<readonly string[]> {
  const { equals = {}, 'same-as': path } = given
  const file = path === undefined ? null : await declaredIn(path, powers)
  const named = Object.entries(equals).flatMap(([key, value]) => {
    const is = settingAt(tree, key)
    return differences(is === undefined ? {} : { [key]: is }, { [key]: value }, { isText, known: null })
  })
  const known = given['nothing-else'] ? Object.keys(equals) : null
  if (file === null && known === null) return named
  return [...named, ...differences(tree, file?.tree ?? {}, { isText: isText || file?.isText === true, known })]
}

interface CodeLooked {
  readonly problems: readonly string[]
  /** Files of `source` that are text; null = none were named. */
  readonly looked: number | null
}

async function codeLooked(given: Config, { tree }: Gathered, powers: CheckPowers): Promise<CodeLooked> {
  const undeclared =
    given.code === undefined
      ? []
      : await undeclaredVariables(await codeFiles(given.code, powers), tree, given.elsewhere, powers)
  if (given.source === undefined) return { problems: undeclared, looked: null }
  const clear = await secretsInCode(await codeFiles(given.source, powers), given.except, powers)
  return { problems: [...undeclared, ...clear.problems], looked: clear.looked }
}

/** Why there was nothing to look at; null = there was. */
function whyNothing(keys: number, parts: number, looked: number | null, given: Config): string | null {
  if (looked === 0) return `no file of ${(given.source ?? []).join(', ')} is text that counts, so nothing was looked at`
  const isMeant = given['nothing-else'] || given.compose
  return parts > 0 && keys === 0 && !isMeant ? 'there is no setting in it, so nothing was looked at' : null
}

/** `expect` sees the settings; what is recorded does not have them. */
function decide(
  problems: readonly string[],
  { tree, parts }: Gathered,
  looked: number | null,
  given: Config,
  powers: CheckPowers,
): CheckResult {
  const recorded = { files: parts.length, keys: keysIn(tree), problems: problems.length }
  const evidence = textEvidence('config.txt', problems.length === 0 ? '' : `${problems.join('\n')}\n`)
  if (problems.length > 0) {
    const more = problems.length > 3 ? ` and ${problems.length - 3} more` : ''
    const say = oneLine(`${problems.slice(0, 3).join('; ')}${more}`)
    return { outcome: 'failed', say, evidence, facts: recorded }
  }
  const places = parts.length === 1 ? (parts[0]?.name ?? '') : counted(parts.length, 'file')
  const nothing = whyNothing(recorded.keys, parts.length, looked, given)
  if (nothing !== null) {
    const say = oneLine(looked === 0 ? nothing : `${places}: ${nothing}`)
    return { outcome: 'inconclusive', say, evidence, facts: recorded }
  }
  const seen = [
    ...(parts.length > 0 ? [`${counted(recorded.keys, 'setting')} in ${places}`] : []),
    ...(looked === null ? [] : [`${counted(looked, 'file')} of source code`]),
  ]
  const say = oneLine(`${seen.join(', ')}, nothing amiss`)
  const facts: Readonly<Record<string, Json>> = { ...recorded, settings: tree }
  return { ...judged(powers, facts, { say, evidence }), facts: recorded }
}
