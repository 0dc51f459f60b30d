/** Names that a document uses all over: how its tags look, its namespace, its code host. What it does not say is asked for. */
import type { Outline } from '../item.ts'
import { input } from './block.ts'

export interface Names {
  /** Tag of the release, as a setting has it. */
  readonly tag: string
  /** Tag of the release before. */
  readonly previousTag: string
  /** Namespace of Kubernetes that its commands name; an input where they name none, or several. */
  readonly namespace: string
  /** It speaks of GitHub, and of no other host for code. */
  readonly isOnGithub: boolean
  readonly hasPrometheus: boolean
  readonly hasCloudfront: boolean
  /** PostgreSQL, and no other database of this kind. */
  readonly isOnPostgres: boolean
}

const known = new WeakMap<Outline, Names>()

export function namesOf(outline: Outline): Names {
  const before = known.get(outline)
  if (before) return before
  const text = outline.lines.join('\n').slice(0, 200_000)
  const prefix = tagPrefix(text)
  const made: Names = {
    tag: prefix === null ? input('release_tag') : `${prefix}{{ version }}`,
    previousTag: prefix === null ? input('previous_tag') : `${prefix}{{ previous }}`,
    namespace:
      onlyOne(text.matchAll(/\bkubectl\b[^\n|;&]{0,200}\s(?:-n|--namespace)[= ]([a-z][\w-]*)/g)) ?? input('namespace'),
    isOnGithub: /\bgithub\b/i.test(text) && !/\b(?:gitlab|bitbucket|azure devops|gitea|codeberg)\b/i.test(text),
    hasPrometheus: /\bprometheus\b/i.test(text),
    hasCloudfront: /\bcloudfront\b/i.test(text),
    isOnPostgres:
      /\b(?:postgres(?:ql)?|psql|pg_dump)\b/i.test(text) && !/\b(?:mysql|mariadb|sqlite3?|oracle)\b/i.test(text),
  }
  known.set(outline, made)
  return made
}

/** `v` or nothing, as the commands that make or push a tag write it; null = none does, or with more to it. */
function tagPrefix(text: string): string | null {
  const made = onlyOne(
    text.matchAll(
      /\bgit (?:tag|push)\b[^\n`&|;]{0,200}?\s(v?)(?:X\.Y\.Z|\d+\.(?:\d+|x)(?:\.(?:\d+|x))?|\$\{?VERSION\}?|<version>)(?=$|[\s`"')&;])/gim,
    ),
  )
  return made
}

/** What all of these places say; null = there is none, or they differ. */
function onlyOne(found: Iterable<RegExpExecArray>): string | null {
  const all = new Set(Array.from(found, ([, name = '']) => name))
  return all.size === 1 ? ([...all][0] ?? null) : null
}
