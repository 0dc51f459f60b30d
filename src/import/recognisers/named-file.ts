/** Files that a step names: reports of tests, coverage and scans, and files that must be there, young, or of this version. */
import type { Finding, ImportItem, Kind, Recogniser } from '../item.ts'
import { durationOf } from '../joined/limits.ts'
import { finding } from '../reading/finding.ts'
import { isStep } from '../reading/place.ts'
import { quantitiesIn } from '../reading/quantities.ts'

interface Check {
  readonly kind: Kind
  readonly block: string
  readonly why: string
}

export const namedFile: Recogniser = {
  name: 'named-file',
  recognise: (item, around): Finding | null => {
    if (!isStep(item, around)) return null
    const named = pathIn(item)
    const check = named === null ? null : checkOf(named, item.text.slice(0, 400))
    if (named === null || !check) return null
    return finding(item, around, {
      kind: check.kind,
      confidence: 0.86,
      params: { path: named },
      why: check.why,
      proposal: { block: check.block, risk: 'reads' },
    })
  },
}

const path = /^(?:[\w.*-]+\/)*[\w.*-]*[\w*]\.[a-z]\w{0,7}$/i
/** Without a folder before it, `app.main` may be anything; these are files. */
const usual =
  /\/|\.(?:md|txt|rst|json|ya?ml|toml|xml|zip|t?gz|tar|xz|sql|dump|csv|html?|lock|cfg|conf|ini|info|lcov|sarif|pdf|log|deb|rpm|whl|jar|apk|dmg|exe|sig|asc|sha\d+|pem|crt)$/i

/** A path below the checklist's folder, in code or as a link; null = none, or one with a hole in it. */
function pathIn({ code, links }: ImportItem): string | null {
  const names = [...code, ...links.map(({ url }) => url)].map((each) => each.trim().replace(/^\.\//, ''))
  return names.find((each) => path.test(each) && usual.test(each) && !/^\.\.|\/\.\./.test(each)) ?? null
}

function checkOf(path: string, text: string): Check | null {
  return ofTests(path, text) ?? ofCoverage(path, text) ?? ofScan(path, text) ?? ofFile(path, text)
}

const passes = /\b(?:pass\w*|green|succe\w+|no (?:test )?failures?|without failures?|0 failures?|zero failures?)\b/i

function ofTests(path: string, text: string): Check | null {
  if (
    !/\.xml$/i.test(path) ||
    !/junit|test|report|surefire|failsafe/i.test(path) ||
    /coverage|cobertura|jacoco/i.test(path)
  )
    return null
  if (!passes.test(text)) return null
  const young = ageIn(text)
  const block = [
    '```yaml check',
    'kind: report',
    'format: junit',
    `path: ${quoted(path)}`,
    ...(young ? [`newer-than: ${young}`] : []),
    '```',
  ]
  return { kind: 'report', block: block.join('\n'), why: 'A test report says whether the tests passed.' }
}

/** Lines that were hit, of those that could be. */
function ofCoverage(path: string, text: string): Check | null {
  if (!/coverage/i.test(`${text} ${path}`)) return null
  const least = quantitiesIn(text).find(
    ({ unit, operator }) => unit === '%' && (operator === 'ge' || operator === 'gt'),
  )
  if (!least || least.value > 100 || path.includes('*')) return null
  const sign = least.operator === 'ge' ? '>=' : '>'
  const why = `The file says how much is covered; ${sign} ${least.value} % passes.`
  if (/(?:^|\/)lcov\.info$|\.lcov$/i.test(path))
    return {
      kind: 'report',
      why,
      block: `\`\`\`sh check timeout=1m\nawk -F: '/^LF:/ { found += $2 } /^LH:/ { hit += $2 } END { exit !(found > 0 && 100 * hit / found ${sign} ${least.value}) }' ${path}\n\`\`\``,
    }
  if (/coverage-summary\.json$/i.test(path))
    return {
      kind: 'report',
      why,
      block: `\`\`\`sh check timeout=1m\njq -e '.total.lines.pct ${sign} ${least.value}' ${path}\n\`\`\``,
    }
  return null
}

function ofScan(path: string, text: string): Check | null {
  if (!/\.sarif(?:\.json)?$/i.test(path) || path.includes('*')) return null
  const none =
    /\b(?:no|zero|0|without)\s+(?:new\s+)?((?:critical|high|severe|errors?)\b)?.{0,40}\b(?:findings?|issues?|vulnerabilit\w+|results?|alerts?|errors?)\b/i.exec(
      text,
    )
  if (!none) return null
  const which = none[1] === undefined ? '' : ' | select(.level == "error")'
  return {
    kind: 'report',
    why:
      none[1] === undefined
        ? 'The report of the scan must hold no finding.'
        : 'The report of the scan must hold no finding of the level "error".',
    block: `\`\`\`sh check timeout=1m\njq -e '(.runs | length > 0) and ([.runs[].results[]${which}] | length == 0)' ${path}\n\`\`\``,
  }
}

function ofFile(path: string, text: string): Check | null {
  // Who is told to write it does so first, and says that it is done.
  if (/^\W*(?:edit|update|add|write|create|bump|change|prepare|generate)\b/i.test(text)) return null
  if (path.includes('*') || /^(?:https?:|www\.)/i.test(path)) return null
  const settings: string[] = []
  const young = ageIn(text)
  if (young) settings.push(`newer-than: ${young}`)
  if (
    /\b(?:entry|section|heading|notes?)\b.{0,20}\bfor (?:the|this) (?:new )?(?:version|release)\b|\b(?:names|lists|mentions|contains|has) the (?:new |current )?version\b/i.test(
      text,
    )
  )
    settings.push('contains: "{{ version }}"')
  if (/\b(?:not|non)[- ]empty\b/i.test(text)) settings.push('min-size: 1')
  const isThere =
    /\b(?:exists?|is present|are present|is there|in place)\b/i.test(text) && !/\b(?:if|unless|where)\b/i.test(text)
  if (settings.length === 0 && !isThere) return null
  const block = ['```yaml check', 'kind: file', `path: ${quoted(path)}`, ...settings, '```'].join('\n')
  const kind = young ? 'file-freshness' : 'command'
  return {
    kind,
    block,
    why: young ? 'A file that must be young enough.' : 'A file that must be there, and hold what is said.',
  }
}

/** `less than 2 hours old`, `within the last day`; null = no age is said. */
function ageIn(text: string): string | null {
  const age = quantitiesIn(text).find(({ sense }) => sense === 'age')
  return age ? durationOf(age.unit === 'week' ? age.value * 7 : age.value, age.unit === 'week' ? 'd' : age.unit) : null
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : JSON.stringify(path)
}
