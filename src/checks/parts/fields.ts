/** Config fields that several kinds share: durations, sizes, patterns, templates and paths, each with its own message. */
import { realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve } from 'node:path'
import { z } from 'zod'
import { parseDuration } from '../../core/plan/duration.ts'
import { parsePattern, type Pattern } from '../../core/plan/pattern.ts'
import { renderTemplate } from '../../core/plan/template.ts'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Millis } from '../../core/units.ts'

/** `90s`, `15m`; a bare number is refused, because nobody can tell its unit. */
export const durationField = z
  .string()
  .refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 90s, 15m, 1h or 2d' })
  .meta({ title: 'duration' })

/** A regular expression in RE2 syntax. */
export const patternField = z
  .string()
  .superRefine((source, context) => {
    const pattern = parsePattern(source)
    if (!pattern.ok) context.addIssue({ code: 'custom', message: `expected ${pattern.expected}` })
    const slot = /\{\{ *[A-Za-z_][\w.]* *\}\}/.exec(source)?.[0]
    if (slot !== undefined)
      context.addIssue({
        code: 'custom',
        message: `expected a pattern without ${slot}: no value is put into one; for these very characters write \\{\\{`,
      })
  })
  .meta({ title: 'pattern' })

/** One pattern, or several in a list. */
export const patternsField = z
  .preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(patternField).min(1))
  .meta({ title: 'pattern, or a list of them' })

/** `512`, `10kB`, `5MB`, `1GiB`. */
export const sizeField = z
  .union([
    z.number().int().nonnegative(),
    z.string().refine((text) => parseSize(text) !== null, { error: 'expected a size such as 512, 10kB, 5MB or 1GiB' }),
  ])
  .meta({ title: 'size' })

const sizes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
}

export function parseSize(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  const factor = sizes[found?.[2]?.toLowerCase() ?? '']
  return found?.[1] === undefined || factor === undefined ? null : Math.round(Number(found[1]) * factor)
}

export function bytesOf(size: number | string): number {
  return typeof size === 'number' ? size : (parseSize(size) ?? Number.NaN)
}

export function millisOf(duration: string): Millis {
  const parsed = parseDuration(duration)
  return parsed.ok ? parsed.value : Number.NaN
}

/** The schema has accepted the source, so a refusal here is a bug. */
export function patternOf(source: string): Pattern {
  const pattern = parsePattern(source)
  if (!pattern.ok) throw new Error(`bug: the schema let the pattern ${source} through`)
  return pattern.value
}

/** Something the config names that is not there now: said to people, recorded as `errored`. */
export class ConfigFault extends Error {
  override name = 'ConfigFault'
}

/** Fills `{{ name }}` in a setting; a name without a value is a fault, never an empty text. */
export function fill(text: string, variables: Readonly<Record<string, string>>): string {
  const { text: filled, missing } = renderTemplate(text, variables, 'none')
  if (missing.length > 0) throw new ConfigFault(`{{ ${missing[0]} }} has no value`)
  return filled
}

/** The real path of a file under the root, null when it does not exist. Links that lead out of the root are a fault. */
export async function pathUnder(powers: Pick<CheckPowers, 'root' | 'variables'>, path: string): Promise<string | null> {
  const root = await realpath(powers.root)
  const wanted = resolve(root, fill(path, powers.variables))
  if (!isInside(root, wanted)) throw new ConfigFault(`${path} lies outside the checklist's folder`)
  const real = await realpath(wanted).catch((error: unknown) => {
    const code = (error as { code?: unknown }).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  })
  if (real !== null && !isInside(root, real)) throw new ConfigFault(`${path} leads outside the checklist's folder`)
  return real
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith('../'))
}
