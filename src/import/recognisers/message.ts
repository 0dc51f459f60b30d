/** Written messages: the text, its channel and event, and the values in it that come from the release. */
import type { Around, ImportItem, Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { finding } from '../reading/finding.ts'
import { sectionText } from '../reading/place.ts'
import { sieved } from '../sieve/sieve.ts'

const events: readonly (readonly [RegExp, string])[] = [
  [/\broll\w*[- ]?back\b.{0,30}\b(?:complet\w+|finished|done|success\w*)\b/i, 'rollback.finished'],
  [/\broll\w*[- ]?back\b/i, 'rollback.started'],
  [/\b(?:complet(?:e|ion)|finished|done|success|resolved)/i, 'rollout.finished'],
  [/\b(?:in progress|update|status|canary)\b/i, 'stage.entered'],
  [/\b(?:pre-?|before|upcoming|planned|scheduled|starting|start|announcement)/i, 'release.started'],
]

const version = String.raw`(?<![\w/.-])v?\d+\.\d+\.\d+(?!\w|\.\w)`
const turn = new RegExp(
  String.raw`(${version})(\W{1,3}(?:→|->|=>|to)\W{1,3}|\s*→\s*|\s+to\s+(?:version\s+)?)(${version})`,
  'gi',
)
const back = new RegExp(String.raw`\b(back to|previous(?: version)?:?|predecessor:?)(\s+)(${version})`, 'gi')
const toward = new RegExp(String.raw`\b(to|from)(\s+(?:version\s+)?)(${version})`, 'gi')

/**
 * A version in a message is this release's, and the one it goes back to is the one before. Where the words leave open
 * which of several is meant, they stay as they are: a message with the wrong number is worse than one with an old one.
 */
export function messageOf(body: string, goesBack = true): string {
  const known = new Map<string, string>()
  const learn = (name: string, slot: string): string => {
    known.set(name.replace(/^v/i, ''), slot)
    return slot
  }
  const [from, to] = goesBack ? ['{{ version }}', '{{ previous }}'] : ['{{ previous }}', '{{ version }}']
  const text = body
    .replace(/\n+$/, '')
    .replaceAll('{{', '{ {')
    .replace(turn, (_, old: string, arrow: string, next: string) => `${learn(old, from)}${arrow}${learn(next, to)}`)
    .replace(back, (_, word: string, gap: string, name: string) => `${word}${gap}${learn(name, '{{ previous }}')}`)
    .replace(
      toward,
      (_, word: string, gap: string, name: string) => `${word}${gap}${learn(name, /^to$/i.test(word) ? to : from)}`,
    )
  const every = new RegExp(version, 'g')
  const others = new Set(
    Array.from(text.matchAll(every), ([name]) => name.replace(/^v/i, '')).filter((name) => !known.has(name)),
  )
  const hasVersion = [...known.values()].includes('{{ version }}')
  return text.replace(every, (name) => {
    const slot = known.get(name.replace(/^v/i, ''))
    return slot ?? (others.size === 1 && !hasVersion ? '{{ version }}' : name)
  })
}

/** Numbers and times of the release it was written for would be told again at each one. */
const told = sieved(/\b\d+(?:\.\d+)?\s?(?:%|ms\b|s\b)|\b20\d\d-\d\d-\d\d\b|\b\d{1,2}:\d\d\b|✅\s*healthy/i)

function firstLine(body: string): string {
  return body.trimStart().split('\n', 1)[0] ?? ''
}

function channelOf(words: string): string | null {
  return (
    /#([a-z0-9][\w-]{1,60})/i.exec(words)?.[0] ??
    /\b(slack|teams|discord|e-?mail|status page|twitter|blog|pagerduty)\b/i.exec(words)?.[1]?.toLowerCase() ??
    null
  )
}

export const message: Recogniser = {
  name: 'message',
  recognise: (item, around) => {
    if (item.form === 'prose') return cadence(item, around)
    if (item.form !== 'fence' || item.info === null) return null
    const language = item.info.split(/[\s{]/)[0] ?? ''
    if (!/^(?:|text|txt|md|markdown|plain|plaintext)$/i.test(language)) return null
    const lead = around.previous?.text ?? around.parent?.text ?? ''
    const place = `${sectionText(item)} > ${lead}`
    if (
      !/\b(?:templates?|announce\w*|messages?|communicat\w*|notif\w*|e-?mail|slack|status page|post(?:s|ed)?)\b/i.test(
        place,
      )
    )
      return null
    const body = item.fences[0]?.body ?? ''
    if (body.trim() === '') return null
    const heading = item.section.at(-1) ?? ''
    const known =
      events.find(([pattern]) => pattern.test(heading))?.[1] ??
      events.find(([pattern]) => pattern.test(lead))?.[1] ??
      'release.started'
    const isOver = known === 'rollback.started' && /\b(?:complete|completed|finished|done)\b/i.test(firstLine(body))
    const event = isOver ? 'rollback.finished' : known
    const every = /\bevery\s+(\d+)\s*(min|minutes|h|hours?)\b/i.exec(lead)
    const template = messageOf(body, event.startsWith('rollback.'))
    const channel = channelOf(lead) ?? channelOf(place)
    const params: Record<string, Json> = {
      event,
      channel,
      variables: [...new Set(template.match(/\{\{ \w+ \}\}/g) ?? [])],
    }
    if (every) params.every = { value: Number(every[1]), unit: /^h/i.test(every[2] ?? '') ? 'h' : 'min' }
    // Relative and absolute times of a message that have to be computed for each release.
    const eta = /\beta\W{1,8}(\d+)\s*(min|minutes|h|hours?)\b/i.exec(body)
    if (eta) params.eta = { value: Number(eta[1]), unit: /^h/i.test(eta[2] ?? '') ? 'h' : 'min' }
    const watch = /\bmonitor\w*\s+for\s+(\d+)\s*(min|minutes|h|hours?)\b/i.exec(body)
    if (watch) params.watch = { value: Number(watch[1]), unit: /^h/i.test(watch[2] ?? '') ? 'h' : 'min' }
    const attributes = `on=${event} to=console${every ? ` every=${every[1]}${/^h/i.test(every[2] ?? '') ? 'h' : 'm'}` : ''}`
    const mark = template.includes('```') ? '````' : '```'
    return finding(item, around, {
      kind: 'template',
      role: 'message',
      alsoKinds: ['notification'],
      confidence: 0.93,
      params,
      why: `It is the text of a message${channel === null ? '' : ` for ${channel}`}; it is shown on the console until its channel is declared.${told.test(template) ? ' Its numbers and times are those of another release: edit them first.' : ''}`,
      proposal: {
        block: `${mark}md notify ${attributes}\n${template}\n${mark}`,
        risk: 'changes',
      },
    })
  },
}

function cadence(item: ImportItem, around: Around) {
  const every = /\bevery\s+(\d+)\s*(min|minutes|h|hours?)\b/i.exec(item.text)
  if (!every || !/\b(?:update|status|notif|announce|message|post|report)/i.test(item.text) || item.text.length > 160)
    return null
  const unit = /^h/i.test(every[2] ?? '') ? 'h' : 'min'
  return finding(item, around, {
    kind: 'schedule',
    role: 'rule',
    alsoKinds: ['notification'],
    confidence: 0.85,
    params: { operator: 'every', value: Number(every[1]), unit },
    why: 'It says how often people are told.',
  })
}
