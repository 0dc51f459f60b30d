/** `yaml check kind: image`: the image of a release is in its registry, is the one that was built, and is young. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { type ImageSeen, lookAt } from './image-registry/look.ts'
import { type ImageReference, readReference } from './image-registry/reference.ts'
import { NotThere, Registry } from './image-registry/registry.ts'
import { ageProblem } from './parts/age.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, fill } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, sayMillis, wordsOf } from './parts/say.ts'

const config = z.strictObject({
  image: z
    .string()
    .refine((text) => text.includes('{{') || readReference(text) !== null, {
      error: 'expected an address with a tag or digest, such as https://registry.example.com/shop/api:{{ version }}',
    })
    .describe('Address with a tag or a digest'),
  digest: z
    .string()
    .refine((text) => text.includes('{{') || /^sha256:[0-9a-f]{64}$/.test(text), {
      error: 'expected sha256: and 64 digits',
    })
    .optional()
    .describe('What it has to be, such as the digest that the build told'),
  'not-same-as': z
    .string()
    .min(1)
    .optional()
    .describe('A tag of the same repository that has to name another image, such as {{ previous }}'),
  platforms: z
    .array(z.string().regex(/^[a-z0-9]+(\/[a-z0-9]+){1,2}$/, { error: 'expected a platform such as linux/amd64' }))
    .default([])
    .describe('Platforms that it has to be there for'),
  'newer-than': durationField
    .optional()
    .describe('It was built at most this long ago; each platform that is asked for'),
  labels: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe('Labels and what they say, such as `org.opencontainers.image.revision: "{{ commit }}"`'),
  user: z.string().min(1).optional().describe('Account at the registry'),
  'password-secret': z.string().min(1).optional().describe('Name of the declared secret with its password or token'),
  hosts: z
    .array(z.string().regex(/:\d+$/, { error: 'expected host:port, such as auth.example.com:443' }))
    .default([])
    .describe('Further hosts that the registry leads to: of its tokens, of its storage'),
})

type Config = z.infer<typeof config>

export const image = defineCheck({
  kind: 'image',
  summary: 'The image of a release is in its registry, is the one that was built, and is young',
  config: config.superRefine((given, context) => {
    if ((given.user === undefined) === (given['password-secret'] === undefined)) return
    context.addIssue({ code: 'custom', message: 'expected user and password-secret together' })
  }),
  needs: ['http', 'secret'],
  timeoutMs: 60_000,
  example:
    '```yaml check capture=digest\nkind: image\nimage: https://registry.example.com/shop/api:{{ version }}\nnewer-than: 7d\nplatforms: [linux/amd64]\n```',
  facts: { digest: 'string', platforms: 'list', age_seconds: 'double', bytes: 'int', labels: 'map' },
  async run(given, powers) {
    try {
      const asked = filled(given, powers)
      const registry = registryOf(asked, given, powers)
      const seen = await lookAt(registry, asked.reference.reference, given.platforms)
      const other = asked.other === null ? null : await digestOf(registry, asked.other)
      return judge(asked, seen, other, given, powers)
    } catch (fault) {
      if (fault instanceof NotThere) return none('failed', fault.message)
      if (fault instanceof ConfigFault) return none('errored', fault.message)
      return none('errored', powers.signal.aborted ? 'the registry did not answer in time' : wordsOf(fault))
    }
  },
  async probe(given, powers) {
    try {
      const asked = filled(given, powers)
      const { origin, repository, reference: tag } = asked.reference
      const there = (await digestOf(registryOf(asked, given, powers), tag)) !== null
      return { ok: true, say: `${origin} answers, ${repository}:${tag} is ${there ? 'there' : 'not there yet'}` }
    } catch (fault) {
      return { ok: false, say: wordsOf(fault) }
    }
  },
})

interface Asked {
  readonly reference: ImageReference
  readonly digest: string | null
  /** The tag that has to name another image. */
  readonly other: string | null
  readonly labels: Readonly<Record<string, string>>
}

function none(outcome: 'failed' | 'errored', say: string): CheckResult {
  return { outcome, say: oneLine(say), evidence: [] }
}

function filled(given: Config, { variables }: Pick<CheckPowers, 'variables'>): Asked {
  const text = fill(given.image, variables)
  const reference = readReference(text)
  if (reference === null)
    throw new ConfigFault(`"${oneLine(text, 80)}" is no image, expected https://registry.example.com/shop/api:1.4.0`)
  const digest = given.digest === undefined ? null : fill(given.digest, variables)
  if (digest !== null && !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new ConfigFault(`"${oneLine(digest, 80)}" is no digest, expected sha256: and 64 digits`)
  const other = given['not-same-as'] === undefined ? null : fill(given['not-same-as'], variables)
  if (other !== null && readReference(`${reference.origin}/${reference.repository}:${other}`) === null)
    throw new ConfigFault(`"${oneLine(other, 80)}" is no tag`)
  const labels = Object.entries(given.labels).map(([name, value]) => [name, fill(value, variables)] as const)
  return { reference, digest, other, labels: Object.fromEntries(labels) }
}

function registryOf({ reference }: Asked, given: Config, powers: CheckPowers): Registry {
  const { user, 'password-secret': secret } = given
  const account =
    user === undefined || secret === undefined
      ? null
      : { user: fill(user, powers.variables), password: powers.secret(secret) }
  const hosts = given.hosts.map((host) => fill(host, powers.variables).toLowerCase())
  return new Registry(reference, account, hosts, powers)
}

/** Null = there is no such tag, which is another image too. */
async function digestOf(registry: Registry, tag: string): Promise<string | null> {
  try {
    return (await registry.manifest(tag)).digest
  } catch (fault) {
    if (fault instanceof NotThere) return null
    throw fault
  }
}

function judge(asked: Asked, seen: ImageSeen, other: string | null, given: Config, powers: CheckPowers): CheckResult {
  const { repository, reference } = asked.reference
  const what = `${repository}${reference.startsWith('sha256:') ? '' : `:${reference}`}`
  const times = seen.images.map(({ createdAt }) => createdAt)
  const known = times.filter((at) => at !== null)
  const ageMs = known.length === times.length && known.length > 0 ? powers.clock.now() - Math.min(...known) : null
  const facts = {
    digest: seen.digest,
    platforms: [...seen.platforms],
    labels: seen.images[0]?.labels ?? {},
    bytes: Math.max(0, ...seen.images.map(({ bytes }) => bytes)),
    ...(ageMs !== null && { age_seconds: ageMs / 1_000 }),
  }
  const evidence = textEvidence('image.json', `${JSON.stringify(seen, null, 2)}\n`, 'application/json')
  const problems = [...identityProblems(asked, seen, other, powers), ...contentProblems(asked, seen, given)]
  if (problems.length > 0)
    return { outcome: 'failed', say: oneLine(`${what}: ${problems.join('; ')}`), evidence, facts }
  const limit = given['newer-than']
  if (limit !== undefined && ageMs === null)
    return { outcome: 'inconclusive', say: `${what} does not say when it was built`, evidence, facts }
  const old = ageMs === null ? null : ageProblem(what, ageMs, limit)
  if (old !== null) return { ...old, say: oneLine(old.say), evidence, facts }
  const age = ageMs === null ? '' : `, built ${sayMillis(Math.max(0, ageMs))} ago`
  const most = limit === undefined ? '' : `, at most ${limit} allowed`
  const alone = asked.other !== null && other === null ? `; there is no ${asked.other}` : ''
  const say = oneLine(`${what} is ${seen.digest.slice(0, 19)} for ${seen.platforms.join(', ')}${age}${most}${alone}`)
  return judged(powers, facts, { say, evidence, captures: { digest: seen.digest } })
}

function identityProblems(
  { digest, other: tag }: Asked,
  seen: ImageSeen,
  other: string | null,
  { captures, variables }: CheckPowers,
): readonly string[] {
  const short = (text: string): string => text.slice(0, 19)
  const before = captures.includes('digest') ? variables['digest'] : undefined
  return [
    ...(digest !== null && digest !== seen.digest ? [`it is ${short(seen.digest)}, expected ${short(digest)}`] : []),
    ...(before !== undefined && before !== seen.digest
      ? [`it is ${short(seen.digest)} now, and was ${short(before)} when this release first looked`]
      : []),
    ...(other === seen.digest ? [`${tag} is the same image`] : []),
  ]
}

function contentProblems({ labels }: Asked, seen: ImageSeen, { platforms }: Config): readonly string[] {
  const missing = platforms.filter((platform) => !seen.platforms.includes(platform))
  const wrong = seen.images.flatMap((each) =>
    Object.entries(labels)
      .filter(([name, value]) => each.labels[name] !== value)
      .map(([name, value]) => `${name} of ${each.platform} is ${each.labels[name] ?? 'not there'}, expected ${value}`),
  )
  return [
    ...(missing.length > 0 ? [`not there for ${missing.join(', ')}`] : []),
    ...(seen.images.length === 0 && missing.length === 0 ? ['it has no image of any platform'] : []),
    ...wrong,
  ]
}
