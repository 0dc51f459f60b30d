/** Written messages: the text, its channel and event, and the values in it that come from the release. */
import type { Around, ImportItem, Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { finding } from '../reading/finding.ts'
import { sectionText } from '../reading/place.ts'

const events: readonly (readonly [RegExp, string])[] = [
  [/\broll\w*[- ]?back\b/i, 'rollback.started'],
  [/\b(?:complet(?:e|ion)|finished|done|success|resolved)/i, 'rollout.finished'],
  [/\b(?:in progress|update|status|canary)\b/i, 'stage.entered'],
  [/\b(?:pre-?|before|upcoming|planned|scheduled|starting|start|announcement)/i, 'release.started'],
]

/** A version in a message is this release's, and the one it goes back to is the one before. */
export function messageOf(body: string): string {
  return body
    .replace(/\n+$/, '')
    .replaceAll('{{', '{ {')
    .replace(/\b(to|back to|from|previous(?: version)?:?)\s+v?\d+\.\d+\.\d+\b/gi, '$1 {{ previous }}')
    .replace(/(?<![\w/.-])v?\d+\.\d+\.\d+(?![\w.])/g, '{{ version }}')
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
    const event =
      events.find(([pattern]) => pattern.test(heading))?.[1] ??
      events.find(([pattern]) => pattern.test(lead))?.[1] ??
      'release.started'
    const every = /\bevery\s+(\d+)\s*(min|minutes|h|hours?)\b/i.exec(lead)
    const template = messageOf(body)
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
      why: `It is the text of a message${channel === null ? '' : ` for ${channel}`}; it is shown on the console until its channel is declared.`,
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
