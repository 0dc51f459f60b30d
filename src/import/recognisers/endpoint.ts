/** Addresses and endpoints that must answer, status codes, and what is only seen through a web page or an API. */
import type { Finding, Proposal, Recogniser } from '../item.ts'
import { byWording, finding } from '../reading/finding.ts'
import { isStep } from '../reading/place.ts'
import { sieved } from '../sieve/sieve.ts'

const words = byWording('http', [
  {
    text: /\bhealth(?:\s*|-)?(?:checks?|endpoint|z)\b.{0,40}\b(?:pass\w*|respond\w*|healthy|green|ok|returns?|answers?)\b|(?<!\w)\/(?:health|healthz|ready|readyz|livez|status|ping|metrics)\b/i,
    why: 'An endpoint must answer; its address has to be said for each environment.',
    confidence: 0.76,
  },
  {
    text: /\b(?:endpoints?|apis?)\b.{0,40}\b(?:respond\w*|functional|work(?:s|ing)?|reachable|available|accessible|answer\w*|return\w*)\b/i,
    why: 'An endpoint must answer; its address has to be said.',
    confidence: 0.74,
  },
  {
    text: /\b(?:returns?|responds?(?: with)?|rejected with|status)\s+[1-5]\d\d\b/i,
    why: 'It asks for a status of an answer.',
    confidence: 0.8,
    alsoKinds: ['security-probe'],
  },
  {
    text: /\b(?:home ?page|pages?|site|website|landing page|assets?|images)\b.{0,30}\b(?:loads?|live|up|accessible|served|works?|reachable|visible)\b/i,
    unless: /\bdocker|container/i,
    why: 'A page must answer.',
    confidence: 0.74,
  },
  {
    text: /\b(?:log ?in|logout|totp|sign-?in|recovery)\b.{0,40}\bsmoke tests?\b/i,
    why: 'It is a login, which requests can do as well.',
    confidence: 0.79,
    alsoKinds: ['security-probe'],
  },
  {
    text: /\b(?:webhooks?)\b.{0,40}\b(?:deliver\w*|test|receiv\w*|fire\w*)\b/i,
    why: 'A request must arrive.',
    confidence: 0.72,
  },
  {
    text: /\b(?:user|users|customer)\s+can\s+(?:log ?in|view|see|create|edit|register|sign ?up|search|upload|check ?out|order)\b/i,
    why: 'It is something a user does, which requests can do as well.',
    confidence: 0.7,
  },
  {
    text: /\bauthentication works\b|\blog ?in\b.{0,30}\b(?:works?|successful|logout|refresh)\b|\bauth(?:entication)?\b.{0,20}\b(?:works?|login)\b/i,
    why: 'It is a login, which requests can do as well.',
    confidence: 0.73,
    alsoKinds: ['security-probe'],
  },
  {
    text: /\b(?:valid|invalid|expired|missing|malformed)\b.{0,30}\b(?:token|jwt|credentials|json|session|request)\b.{0,30}\b(?:accepted|rejected|refused|returns?)\b/i,
    why: 'It is a request with an expected answer.',
    confidence: 0.78,
    alsoKinds: ['security-probe'],
  },
  {
    text: /\b(?:dashboards?|panels?|grafana|prometheus|scrape targets?|alert rules?|log aggregation|load balancer|cdn cache rules|synthetic monitoring|error tracking|tracking sink|logs?|logging)\b.{0,50}\b(?:deployed|imported|configured|visible|showing|have data|appearing|indexed|working|loaded|confirms?|format correct|real metrics|available)\b|\bsearch queries working\b/i,
    unless: /\baudit\b/i,
    why: 'It can be asked through an API; its address has to be said.',
    confidence: 0.68,
    alsoKinds: ['manual', 'aws'],
  },
  {
    text: /\b(?:image|images|artifacts?|packages?|rollback (?:image|artifact)s?)\b.{0,40}\b(?:available|exist|present|published)\b|\bconfirm\b.{0,30}\b(?:image|artifact)s?\b.{0,30}\b(?:exist|available)\b/i,
    unless: /\bsnapshots?\b/i,
    why: 'It can be asked of its registry.',
    confidence: 0.74,
    alsoKinds: ['command'],
  },
  {
    text: /\b(?:third[- ]party|external)\b.{0,30}\b(?:integrations?|services?)\b.{0,30}\b(?:work\w*|up|healthy|respond\w*)\b/i,
    why: 'It can be asked by a request.',
    confidence: 0.72,
    alsoKinds: ['manual'],
  },
  {
    text: /\b(?:critical )?user (?:flows?|journeys?)\b.{0,30}\b(?:work\w*|pass\w*)\b/i,
    why: 'It is something a user does, which requests can do as well.',
    confidence: 0.71,
    alsoKinds: ['report'],
  },
  {
    text: /\b(?:stream|resource|object|record|item|order|entity|session)s?\b.{0,30}\b(?:created?|creates|ends?|ended|transitions?|listed|list loads|deleted|preserved)\b|\b(?:create|list|delete)s?\s+(?:\w+\s+){0,3}(?:stream|resource|item|order)s?\b|\b(?:title|description|timestamps?|metadata|information)\b.{0,40}\b(?:preserved|correct|accurate)\b/i,
    above: /./,
    why: 'It is an object that an API can make and show.',
    confidence: 0.6,
    alsoKinds: ['sql', 'manual'],
  },
  {
    text: /\b(?:service|application|app)\b.{0,30}\b(?:continues|functions?|functioning|accessible|responsive|available|up)\b/i,
    unless: /\blogs?\b/i,
    why: 'It must answer.',
    confidence: 0.66,
  },
  {
    text: /\b(?:example endpoints|response formats?|error cases)\b/i,
    why: 'It is a request with an expected answer.',
    confidence: 0.7,
  },
  {
    text: /\bworker jobs?\b|\bjobs? processing\b|\bbackground jobs?\b/i,
    why: 'It can be asked through an API.',
    confidence: 0.66,
    alsoKinds: ['service-probe'],
  },
  {
    text: /\b(?:export|deletion|gdpr|account)\b.{0,30}\bflows?\b.{0,20}\b(?:tested|work\w*|verified)\b|\bfeature flags?\b/i,
    why: 'It can be asked through an API.',
    confidence: 0.66,
    alsoKinds: ['sql', 'manual'],
  },
  {
    text: /\b(?:workflow|session|creation)\b.{0,5}$/i,
    above: /\bAPI\b|\bworkflows?\b/i,
    unless: /\breview/i,
    why: 'It is a sequence of requests.',
    confidence: 0.6,
  },
  {
    text: /\b(?:independent state|in different order|no cross-contamination|state management)\b/i,
    why: 'It can be asked through an API.',
    confidence: 0.6,
    alsoKinds: ['websocket', 'service-probe'],
  },
])

const journeys = /\b(?:e2e|end-to-end|user flows?|smoke|critical flows?)\b/i

function address(marked: string): { method: string; url: string } | null {
  const match = /(?:`\s*)?(?:\b(GET|POST|PUT|PATCH|DELETE|HEAD)\s+)?(https?:\/\/[^\s`)>\]"']{3,300})/.exec(
    marked.slice(0, 1000),
  )
  return match?.[2] === undefined ? null : { method: match[1] ?? 'GET', url: match[2].replace(/[.,;:]+$/, '') }
}

const health = /^\/(?:health|healthz|ready|readyz|livez|status|ping)(?:\/[\w-]+)*$/i

/** Where the service is, each run asks; only what is read and has no hole in it is proposed. */
function answering(
  { path, method, status }: { path: string; method: string; status: number },
  text: string,
): Proposal | null {
  if (!/^(?:GET|HEAD)$/.test(method) || !/^[\w/.-]+$/.test(path)) return null
  const request = `${expectations(status, text)}\n${method} {{ input.base_url }}${path}`
  return { block: `\`\`\`http check timeout=30s\n${request}\n\`\`\``, risk: 'reads' }
}

const soon = sieved(
  /(?:\b(?:within|under|below|(?:less|faster|quicker) than|in at most)|<=?)\s*(\d{1,5})\s*(ms|milliseconds?|s|sec(?:ond)?s?)\b/i,
)

/** The status, and how soon it comes where the words say so. */
function expectations(status: number, text: string): string {
  const [, amount, unit = ''] = soon.exec(text.slice(0, 400)) ?? []
  const time = amount === undefined ? '' : `\n# @expect time < ${amount}${/^m/i.test(unit) ? 'ms' : 's'}`
  return `# @expect status == ${status}${time}`
}

/** What must not be answered is no status to expect. */
const isNegated = sieved(
  /\b(?:not|never|no longer)\s+(?:returns?|responds?|gives?|answers?)\b|n['’]t\s+(?:return|respond|give|answer)\b/i,
)

const asked = sieved(
  /\b(?:returns?|responds?(?: with)?|status(?: code)?|with|gives?|=)\s+(?:an?\s+)?(?:http\s+)?([1-5]\d\d)\b/i,
)
const probing = sieved(
  /\b(?:live|responds?|loads?|available|reachable|accessible|returns?|up|healthy|health|works?|answers?|visible|login|online)\b/i,
)

/** It must give no answer, or none to a stranger; which refusal that is has to be said. */
const closed = sieved(
  /\b(?:must|should|may|is|are|does|do|can)\s*(?:not|n['’]t)\b|\bcannot\b|\b(?:no longer|never|unreachable|inaccessible)\b|\b(?:is|are)\s+(?:down|blocked|denied|refused|rejected|gone|removed|disabled)\b/i,
)

export const endpoint: Recogniser = {
  name: 'endpoint',
  recognise: (item, around): Finding | null => {
    if (!isStep(item, around)) return null
    const status = asked.exec(item.text.slice(0, 400))?.[1]
    const path = item.code
      .map((code) => /^(?:(GET|POST|PUT|PATCH|DELETE|HEAD)\s+)?(\/[\w/{}.:-]*)$/.exec(code.trim()))
      .find(Boolean)
    const url = address(item.marked)
    const isClosed = isNegated.test(item.text) || (status === undefined && closed.test(item.text.slice(0, 1000)))
    const expected = (named: number): string => expectations(named, item.text)
    const isProbe = probing.test(item.text)
    if (url && isProbe && !/\bgithub\.com\/\S*\/(?:pull|issues|releases|blob|tree)|\bdocs?\./.test(url.url)) {
      const reads = /^(?:GET|HEAD)$/.test(url.method)
      const hasHole = /[<>{}]|\$|YOUR|example\.(?:com|org)$/.test(url.url)
      const block = `\`\`\`http check timeout=30s\n${expected(Number(status ?? 200))}\n${url.method} ${url.url}\n\`\`\``
      return finding(item, around, {
        kind: 'http',
        confidence: 0.83,
        why: isClosed ? 'An address must not answer; how it refuses has to be said.' : 'An address must answer.',
        params: {
          url: url.url,
          method: url.method,
          status: Number(status ?? 200),
        },
        proposal:
          reads && !hasHole && !isClosed && !item.code.some((code) => /^(?:curl|wget)\s/.test(code.trim()))
            ? {
                block,
                risk: 'reads',
              }
            : null,
      })
    }
    if (path && !/\bwebsocket\b/i.test(item.text)) {
      // What the answer must be is said, or it is an address that is only there to answer.
      const isSaid = status !== undefined || (isProbe && (path[1] !== undefined || health.test(path[2] ?? '')))
      const params = { path: path[2] ?? '', method: path[1] ?? 'GET', status: Number(status ?? 200) }
      if (
        status !== undefined ||
        path[1] !== undefined ||
        isProbe ||
        /^\/(?:api|health|metrics|status|ready)/.test(path[2] ?? '')
      )
        return finding(item, around, {
          kind: 'http',
          confidence: 0.83,
          params,
          why: 'An endpoint must answer; its host has to be said for each environment.',
          proposal: isSaid && !isClosed ? answering(params, item.text) : null,
        })
    }
    const known = words(item, around)
    const named =
      /(?:^|[\s"'(])(\/(?:health|healthz|ready|readyz|livez|status|ping)(?:\/[\w-]+)*)(?=$|[\s"').,:;])/i.exec(
        item.text.slice(0, 400),
      )
    if (known?.role === 'step' && named?.[1] !== undefined && !isClosed && (isProbe || status !== undefined)) {
      const probe = { path: named[1], method: 'GET', status: Number(status ?? 200) }
      return finding(item, around, { ...known, params: probe, proposal: answering(probe, item.text) })
    }
    if (known) return known
    const parent = around.parent?.text ?? ''
    if (around.parent && journeys.test(parent))
      return finding(item, around, {
        kind: 'http',
        alsoKinds: ['report'],
        confidence: 0.5,
        why: 'It is one of the things that are tried out, which requests can do as well.',
      })
    return null
  },
}
