/** Files that a step names: reports of tests, coverage and scans, and files that must be there, young, or of this version. */
import type { Finding, ImportItem, Kind, Recogniser } from '../item.ts'
import { durationOf } from '../joined/limits.ts'
import { check } from '../kinds/block.ts'
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
  const block = check('report', [['format', 'junit'], ['path', path], ...youngIn(text)])
  return { kind: 'report', block, why: 'A test report says whether the tests passed.' }
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
  const format = /(?:^|\/)lcov\.info$|\.lcov$/i.test(path)
    ? 'lcov'
    : (/\.xml$/i.test(path) && /\b(cobertura|jacoco)/i.exec(`${path} ${text}`)?.[1]?.toLowerCase()) || null
  if (format !== null)
    return {
      kind: 'report',
      why,
      block: check(
        'report',
        [['format', format], ['path', path], ['lines', `${least.value}%`], ...youngIn(text)],
        sign === '>' ? `expect="lines_percent > ${least.value}"` : '',
      ),
    }
  if (/coverage-summary\.json$/i.test(path))
    return {
      kind: 'report',
      why,
      block: `\`\`\`sh check timeout=1m\njq -e '.total.lines.pct ${sign} ${least.value}' ${path}\n\`\`\``,
    }
  return null
}

const scanners: readonly { readonly format: string; readonly path: RegExp }[] = [
  { format: 'sarif', path: /\.sarif(?:\.json)?$/i },
  { format: 'trivy', path: /trivy[^/]*\.json$/i },
  { format: 'npm-audit', path: /npm-?audit[^/]*\.json$/i },
  { format: 'pip-audit', path: /pip-?audit[^/]*\.json$/i },
  { format: 'cargo-audit', path: /cargo-?audit[^/]*\.json$/i },
  { format: 'bandit', path: /bandit[^/]*\.json$/i },
]
const noFinding =
  /\b(?:no|zero|0|without)\s+(?:new\s+)?((?:critical|high|severe|errors?)\b)?.{0,40}\b(?:findings?|issues?|vulnerabilit\w+|results?|alerts?|errors?)\b/i

function ofScan(path: string, text: string): Check | null {
  const format = scanners.find((each) => each.path.test(path))?.format
  const none = noFinding.exec(text)
  if (format === undefined || !none) return null
  const isAny = none[1] === undefined
  return {
    kind: 'report',
    why: isAny
      ? 'The report of the scan must hold no finding.'
      : 'The report of the scan must hold no finding that is critical or high.',
    block: check('report', [
      ['format', format],
      ['path', path],
      ...(isAny ? ([['max', { critical: 0, high: 0, medium: 0, low: 0, info: 0, unknown: 0 }]] as const) : []),
      ...youngIn(text),
    ]),
  }
}

function youngIn(text: string): readonly (readonly [string, string])[] {
  const young = ageIn(text)
  return young === null ? [] : [['newer-than', young]]
}

const namesVersion =
  /\b(?:entry|section|heading|notes?)\b.{0,20}\bfor (?:the|this) (?:new )?(?:version|release)\b|\b(?:names|lists|mentions|contains|has) the (?:new |current )?version\b/i

/** Formats that are read to their end without a key. */
function isBackup(path: string, text: string): boolean {
  return (
    /\.(?:sql|dump|tar|t?gz|zip|xz|zst|bz2|rdb|sqlite3?)$/i.test(path) && /\b(?:backup|dump)/i.test(`${path} ${text}`)
  )
}

function ofFile(path: string, text: string): Check | null {
  // Who is told to write it does so first, and says that it is done.
  if (/^\W*(?:edit|update|add|write|create|bump|change|prepare|generate)\b/i.test(text)) return null
  if (path.includes('*') || /^(?:https?:|www\.)/i.test(path)) return null
  if (namesVersion.test(text) && /\.(?:md|txt|rst|adoc)$/i.test(path) && ageIn(text) === null)
    return {
      kind: 'command',
      block: check('version', [['mentioned', [path]]]),
      why: 'The version of the release stands in it as a word.',
    }
  const young = ageIn(text)
  if (young && isBackup(path, text))
    return {
      kind: 'file-freshness',
      block: check('backup', [
        ['files', path],
        ['newer-than', young],
      ]),
      why: 'A backup that must be young enough, and that can be read to its end.',
    }
  const settings: string[] = []
  if (young) settings.push(`newer-than: ${young}`)
  if (namesVersion.test(text)) settings.push('contains: "{{ version }}"')
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
