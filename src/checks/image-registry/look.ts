/** What a registry has of an image: its digest, its platforms, and for each asked one when it was made and its labels. */
import { z } from 'zod'
import { ConfigFault } from '../parts/fields.ts'
import type { Registry } from './registry.ts'

export interface ImageSeen {
  readonly digest: string
  /** `linux/amd64`; of an image for one platform, that one. */
  readonly platforms: readonly string[]
  /** Of each platform that was looked into. */
  readonly images: readonly ImageOfPlatform[]
}

export interface ImageOfPlatform {
  readonly platform: string
  /** Null = it does not say, or says what nobody can have meant. */
  readonly createdAt: number | null
  readonly labels: Readonly<Record<string, string>>
  readonly bytes: number
}

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const platform = z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
const indexShape = z.object({ manifests: z.array(z.object({ digest, platform: platform.optional() })).min(1) })
const manifestShape = z.object({
  config: z.object({ digest, size: z.number() }),
  layers: z.array(z.object({ size: z.number() })),
})
const configShape = platform.extend({
  created: z.string().optional(),
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
})

/** `wanted` = platforms to look into; none = all of them. Throws what the registry throws. */
export async function lookAt(registry: Registry, reference: string, wanted: readonly string[]): Promise<ImageSeen> {
  const { digest: seen, json } = await registry.manifest(reference)
  if (!('manifests' in json)) {
    const image = await imageOf(registry, json)
    return { digest: seen, platforms: [image.platform], images: [image] }
  }
  // Attestations stand in the same list, as of a platform that nobody knows.
  const all = read(indexShape, json).manifests.flatMap((entry) =>
    entry.platform === undefined || entry.platform.os === 'unknown'
      ? []
      : [{ digest: entry.digest, name: nameOf(entry.platform) }],
  )
  const asked = wanted.length === 0 ? all : all.filter(({ name }) => wanted.includes(name))
  const images: ImageOfPlatform[] = []
  for (const each of asked)
    images.push({ ...(await imageOf(registry, (await registry.manifest(each.digest)).json)), platform: each.name })
  return { digest: seen, platforms: all.map(({ name }) => name), images }
}

async function imageOf(registry: Registry, json: unknown): Promise<ImageOfPlatform> {
  const { config, layers } = read(manifestShape, json)
  const found = read(configShape, (await registry.blob(config.digest)).json)
  const at = Date.parse(found.created ?? '')
  return {
    platform: nameOf(found),
    // Builds that can be repeated say 1970 or 1980: that is no time of making.
    createdAt: Number.isNaN(at) || at < Date.UTC(2000, 0) ? null : at,
    labels: found.config?.Labels ?? {},
    bytes: layers.reduce((sum, { size }) => sum + size, 0),
  }
}

function nameOf({ os, architecture, variant }: z.infer<typeof platform>): string {
  return [os, architecture, ...(variant === undefined || variant === '' ? [] : [variant])].join('/')
}

function read<T>(shape: z.ZodType<T>, json: unknown): T {
  const found = shape.safeParse(json)
  if (found.success) return found.data
  const [issue] = found.error.issues
  throw new ConfigFault(`the registry sends what is no image: ${issue?.path.join('.')}: ${issue?.message}`)
}
