/** What scanners found, in one form: SARIF, npm audit, pip-audit, cargo audit, Trivy, ZAP and Bandit. */
import { ReportFault, readJson, textOf, type Tree, treeOf, treesIn } from './fault.ts'

export const severities = ['critical', 'high', 'medium', 'low', 'info', 'unknown'] as const

/** `unknown` = the scanner does not say, or says a word that is not known here: never taken for harmless. */
export type Severity = (typeof severities)[number]

export interface Finding {
  /** The first is shown; an allowance may name any. */
  readonly ids: readonly string[]
  readonly severity: Severity
  /** Package, file or address. */
  readonly where: string
  readonly title: string
}

export type FindingsFormat = 'sarif' | 'npm-audit' | 'pip-audit' | 'cargo-audit' | 'trivy' | 'zap' | 'bandit'

export const findingsReaders: Readonly<Record<FindingsFormat, (text: string) => readonly Finding[]>> = {
  sarif: (text) => fromSarif(rootOf(text, 'runs', 'SARIF')),
  'npm-audit': (text) => fromNpm(rootOf(text, 'vulnerabilities', 'npm audit')),
  'pip-audit': (text) => fromPip(rootOf(text, 'dependencies', 'pip-audit')),
  'cargo-audit': (text) => fromCargo(rootOf(text, 'vulnerabilities', 'cargo audit')),
  trivy: (text) => fromTrivy(rootOf(text, 'SchemaVersion', 'Trivy')),
  zap: (text) => fromZap(rootOf(text, 'site', 'ZAP')),
  bandit: (text) => fromBandit(rootOf(text, 'results', 'Bandit')),
}

/** An answer of the tool that it could not look is no report without findings. */
function rootOf(text: string, key: string, tool: string): Tree {
  const root = treeOf(readJson(text))
  if (root !== null && key in root) return root
  const error = treeOf(root?.['error'])
  const said = textOf(error?.['summary'] ?? error?.['message'] ?? error?.['code'])
  throw new ReportFault(
    `it is no report of ${tool}: there is no "${key}"${said === '' ? '' : `, but an error: ${said}`}`,
  )
}

const words: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  moderate: 'medium',
  low: 'low',
  negligible: 'info',
  info: 'info',
  informational: 'info',
}

function severityOf(word: unknown): Severity {
  return words[textOf(word).toLowerCase()] ?? 'unknown'
}

/** SARIF 2.1.0, sections 3.27 and 3.49; a `security-severity` is a CVSS score, as code hosts read it. */
function fromSarif(root: Tree): readonly Finding[] {
  return treesIn(root['runs'], 'runs').flatMap((run) => {
    const driver = treeOf(treeOf(run['tool'])?.['driver'])
    const rules = treesIn(driver?.['rules'], 'rules')
    return treesIn(run['results'], 'results')
      .filter(
        (result) =>
          textOf(result['kind'] ?? 'fail') === 'fail' && result['baselineState'] !== 'absent' && !isSuppressed(result),
      )
      .map((result) => {
        const id = textOf(result['ruleId'] ?? treeOf(result['rule'])?.['id'])
        const index = result['ruleIndex'] ?? treeOf(result['rule'])?.['index']
        const rule = rules.find((one) => one['id'] === id) ?? (typeof index === 'number' ? rules[index] : undefined)
        const ruleId = id === '' ? textOf(rule?.['id']) : id
        return {
          ids: [ruleId === '' ? 'a result without a rule' : ruleId],
          severity: severityInSarif(result, rule),
          where: locationInSarif(result),
          title: textOf(treeOf(result['message'])?.['text']),
        }
      })
  })
}

/** Under review or rejected is no suppression. */
function isSuppressed(result: Tree): boolean {
  return treesIn(result['suppressions'], 'suppressions').some((one) => ['', 'accepted'].includes(textOf(one['status'])))
}

function severityInSarif(result: Tree, rule: Tree | undefined): Severity {
  const score = Number(textOf(treeOf(rule?.['properties'])?.['security-severity']) || Number.NaN)
  if (score > 0) return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low'
  const level = textOf(result['level'] ?? treeOf(rule?.['defaultConfiguration'])?.['level'] ?? 'warning')
  return (
    ({ error: 'high', warning: 'medium', note: 'low', none: 'info' } as Record<string, Severity>)[level] ?? 'unknown'
  )
}

function locationInSarif(result: Tree): string {
  const [first] = treesIn(result['locations'], 'locations')
  const physical = treeOf(first?.['physicalLocation'])
  const file = textOf(treeOf(physical?.['artifactLocation'])?.['uri'])
  const line = textOf(treeOf(physical?.['region'])?.['startLine'])
  return line === '' ? file : `${file}:${line}`
}

/** Report version 2: `via` holds advisories, or names of packages that hold them and are listed themselves. */
function fromNpm(root: Tree): readonly Finding[] {
  if (root['auditReportVersion'] !== 2)
    throw new ReportFault('it is no report of npm 7 or newer (auditReportVersion 2)')
  const packages = treeOf(root['vulnerabilities']) ?? {}
  const found = new Map<string, Finding>()
  for (const [name, value] of Object.entries(packages)) {
    const via = treeOf(value)?.['via']
    for (const advisory of Array.isArray(via) ? via.map(treeOf) : []) {
      if (advisory === null) continue
      const ids = [/GHSA-[\w-]+/.exec(textOf(advisory['url']))?.[0] ?? '', textOf(advisory['source'])].filter(
        (id) => id !== '',
      )
      const where = textOf(advisory['name']) || name
      found.set(`${ids[0]} ${where}`, {
        ids,
        severity: severityOf(advisory['severity']),
        where,
        title: textOf(advisory['title']),
      })
    }
  }
  if (found.size === 0 && Object.keys(packages).length > 0)
    throw new ReportFault('it lists packages and no advisory of them')
  return [...found.values()]
}

function fromPip(root: Tree): readonly Finding[] {
  return treesIn(root['dependencies'], 'dependencies').flatMap((dependency) => {
    const where = `${textOf(dependency['name'])} ${textOf(dependency['version'])}`.trim()
    const skipped = textOf(dependency['skip_reason'])
    if (skipped !== '')
      return [{ ids: [`skipped:${textOf(dependency['name'])}`], severity: 'unknown' as const, where, title: skipped }]
    return treesIn(dependency['vulns'], 'vulns').map((one) => ({
      ids: [textOf(one['id']), ...(Array.isArray(one['aliases']) ? one['aliases'].map(textOf) : [])],
      severity: severityOf(one['severity']),
      where,
      title: textOf(one['description']).split('\n')[0] ?? '',
    }))
  })
}

function fromCargo(root: Tree): readonly Finding[] {
  const found = treesIn(treeOf(root['vulnerabilities'])?.['list'], 'vulnerabilities.list')
  const warned = Object.entries(treeOf(root['warnings']) ?? {}).flatMap(([kind, list]) =>
    treesIn(list, `warnings.${kind}`).map((one) => ({ ...one, kind })),
  )
  return [
    ...found.map((one) => cargoFinding(one, severityOf(treeOf(one['advisory'])?.['severity']))),
    // Unmaintained, unsound, yanked: worth knowing, and no vulnerability.
    ...warned.map((one) => cargoFinding(one, one.kind === 'unsound' ? 'medium' : 'low')),
  ]
}

function cargoFinding(one: Tree, severity: Severity): Finding {
  const advisory = treeOf(one['advisory'])
  const crate = treeOf(one['package'])
  const name = textOf(crate?.['name'])
  return {
    ids: [
      textOf(advisory?.['id']) || `${textOf(one['kind'])}:${name}`,
      ...(Array.isArray(advisory?.['aliases']) ? advisory['aliases'].map(textOf) : []),
    ],
    severity,
    where: `${name} ${textOf(crate?.['version'])}`.trim(),
    title: textOf(advisory?.['title'] ?? one['kind']),
  }
}

function fromTrivy(root: Tree): readonly Finding[] {
  return treesIn(root['Results'], 'Results').flatMap((result) => {
    const target = textOf(result['Target'])
    const each = (
      list: string,
      id: string,
      place: string,
      keep: (one: Tree) => boolean = () => true,
    ): readonly Finding[] =>
      treesIn(result[list], list)
        .filter(keep)
        .map((one) => ({
          ids: [textOf(one[id])],
          severity: severityOf(one['Severity']),
          where: [textOf(one[place]), target].filter((part) => part !== '').join(' in '),
          title: textOf(one['Title']),
        }))
    return [
      ...each('Vulnerabilities', 'VulnerabilityID', 'PkgName'),
      ...each('Misconfigurations', 'ID', 'Type', (one) => textOf(one['Status']) !== 'PASS'),
      ...each('Secrets', 'RuleID', 'Category'),
    ]
  })
}

/** The traditional JSON report; what ZAP itself calls a false positive is none. */
function fromZap(root: Tree): readonly Finding[] {
  const sites = Array.isArray(root['site']) ? root['site'] : [root['site']]
  return treesIn(sites, 'site').flatMap((site) =>
    treesIn(site['alerts'], 'alerts')
      .filter((alert) => textOf(alert['confidence']) !== '0')
      .map((alert) => ({
        ids: [textOf(alert['alertRef']) || textOf(alert['pluginid']), textOf(alert['pluginid'])],
        severity:
          (['info', 'low', 'medium', 'high'] as const)[Number(textOf(alert['riskcode']) || Number.NaN)] ?? 'unknown',
        where: textOf(site['@name']),
        title: textOf(alert['name'] ?? alert['alert']),
      })),
  )
}

function fromBandit(root: Tree): readonly Finding[] {
  const errors = treesIn(root['errors'], 'errors').map((one) => ({
    ids: ['not-scanned'],
    severity: 'unknown' as const,
    where: textOf(one['filename']),
    title: textOf(one['reason']),
  }))
  const found = treesIn(root['results'], 'results').map((one) => ({
    ids: [textOf(one['test_id']), textOf(one['test_name'])],
    severity: severityOf(one['issue_severity']),
    where: `${textOf(one['filename'])}:${textOf(one['line_number'])}`,
    title: textOf(one['issue_text']),
  }))
  return [...errors, ...found]
}
