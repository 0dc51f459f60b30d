/** Metric sources, channels and windows as plans declare them: where they lead, and nothing that could be a secret. */
import { termsOf } from '../report/windows-view.ts'
import type { ChannelPlan, Plan, SourcePlan, WindowPlan, WindowRule } from '../core/plan/plan.ts'

export interface DeclaredPlace {
  readonly name: string
  readonly kind: string
  /** Host and path of an address (of a channel the host: paths of those often are secrets), or a file; null = the kind says it all. */
  readonly where: string | null
}

export interface DeclaredWindow {
  readonly name: string
  readonly zone: string
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  /** What else holds for it: how far it covers, low traffic, who may override it. */
  readonly terms: readonly string[]
}

export interface Declared {
  readonly sources: readonly DeclaredPlace[]
  readonly channels: readonly DeclaredPlace[]
  readonly windows: readonly DeclaredWindow[]
}

export function declaredIn(plan: Plan): Declared {
  return {
    sources: Object.entries(plan.sources).map((source) => placeOf(source, addressWords)),
    channels: Object.entries(plan.channels).map((channel) => placeOf(channel, hostWords)),
    windows: Object.entries(plan.windows).map(windowOf),
  }
}

function placeOf(
  [name, { kind, config }]: [string, SourcePlan | ChannelPlan],
  words: (url: string) => string | null,
): DeclaredPlace {
  const { url, file, path } = config
  const address = typeof url === 'string' ? words(url) : null
  const onDisk = [file, path].find((value) => typeof value === 'string')
  return { name, kind, where: address ?? (typeof onDisk === 'string' ? onDisk : null) }
}

/** Names, passwords and queries of addresses are often secrets, also where nobody wrote them as one. */
function addressWords(url: string): string | null {
  const plain = url.replaceAll(/\{\{[^}]*\}\}/g, 'x')
  if (!URL.canParse(plain)) return null
  const { protocol, host, pathname } = new URL(plain)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

function hostWords(url: string): string | null {
  return addressWords(url)?.split('/').slice(0, 3).join('/') ?? null
}

function windowOf([name, window]: [string, WindowPlan]): DeclaredWindow {
  const { zone, allow, deny, calendars = [] } = window
  const fromFiles = calendars.map(({ file }) => `events of ${file}`)
  return {
    name,
    zone,
    allow: allow.map(ruleWords),
    deny: [...deny.map(ruleWords), ...fromFiles],
    terms: termsOf(window),
  }
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** `Mon, Tue, Wed 09:00-16:00`, `2026-12-24`, or `always`. */
function ruleWords({ weekdays, fromMinute, toMinute, dates }: WindowRule): string {
  const parts = [
    weekdays === null ? '' : weekdays.map((day) => days[day - 1]).join(', '),
    dates === null ? '' : dates.join(', '),
    fromMinute === null && toMinute === null ? '' : `${clock(fromMinute ?? 0)}-${clock(toMinute ?? 1_440)}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'always' : parts.join(' ')
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}
