/** What Prometheus, Grafana, a cloud and the tools of others can be asked: targets, rules, panels, backups, reports. */
import { check, input, run } from '../kinds/block.ts'
import { namesOf } from '../kinds/document-names.ts'
import { byStatement } from '../kinds/statement.ts'

/** Where Grafana is, if one address of the document says it. */
function grafanaIn(lines: readonly string[]): string {
  const found = new Set(
    lines
      .join('\n')
      .slice(0, 200_000)
      .match(/\bhttps?:\/\/[\w.-]*grafana[\w.-]*(?::\d+)?/gi) ?? [],
  )
  return found.size === 1 ? ([...found][0] ?? '') : input('grafana_url')
}

const aws = [['region', input('aws_region')]] as const

export const observed = byStatement('observed', [
  {
    text: /\bprometheus\b.{0,10}\b(?:scrape )?targets?\b.{0,15}\b(?:configured|added|up|healthy|scraped)\b/i,
    kind: 'http',
    why: '`prometheus` says which of its targets are down.',
    propose: () =>
      check('prometheus', [
        ['on', 'metrics'],
        ['targets', 'all'],
      ]),
  },
  {
    text: /^alert(?:ing)? rules? (?:are )?(?:loaded|deployed|active)\b/i,
    kind: 'http',
    why: '`prometheus` says whether it has rules, and which of them cannot be evaluated; which there should be has to be said.',
    propose: (_said, _item, { outline }) =>
      namesOf(outline).hasPrometheus
        ? check('prometheus', [
            ['on', 'metrics'],
            ['rules', 'all'],
          ])
        : null,
  },
  {
    text: /^no (?:critical |active |firing )*alerts? (?:are )?(?:firing|active)\b/i,
    kind: 'http',
    why: '`prometheus` says which alerts fire.',
    propose: (_said, _item, { outline }) =>
      namesOf(outline).hasPrometheus
        ? check('prometheus', [
            ['on', 'metrics'],
            ['firing', 'none'],
          ])
        : null,
  },
  {
    text: /^(?:all )?(?:panels have data|dashboards? (?:is |are )?show(?:s|ing)? (?:real |live )?(?:metrics|data|values))\b/i,
    above: /\bgrafana\b/i,
    kind: 'http',
    why: '`dashboards` says which panels show nothing of the last hour; which dashboard it is, each run is asked.',
    propose: (_said, _item, { outline }) =>
      check('dashboards', [
        ['url', grafanaIn(outline.lines)],
        ['token', 'GRAFANA_TOKEN'],
        ['dashboards', [input('grafana_dashboard')]],
        ['fresh', '1h'],
      ]),
  },
  {
    text: /\brds\b.{0,30}\bbackups?\b.{0,40}\bretention\b.{0,12}(?:>=|≥|at least|of)\s*(\d{1,2}) days\b/i,
    unless: /\bcross-?region\b|\bcop(?:y|ies)\b|\breplica/i,
    kind: 'aws',
    why: '`aws-rds` says how long backups are kept; region and database are asked for.',
    propose: ([, days = '']) =>
      check('aws-rds', [...aws, ['instance', input('rds_instance')], ['retention-days', Number(days)]]),
  },
  {
    text: /\bs3\b.{0,10}\bbuckets?\b.{0,10}\bversioning\b.{0,12}\bencryption\b.{0,10}\benabled\b/i,
    kind: 'aws',
    why: '`aws-s3` says how the bucket is set up; region and bucket are asked for.',
    propose: () => check('aws-s3', [...aws, ['bucket', input('s3_bucket')], ['versioning', true], ['encrypted', true]]),
  },
  {
    text: /^(?:clear|invalidate|purge) (?:the )?(?:cdn|cloudfront) cache\b/i,
    kind: 'aws',
    risk: 'changes',
    why: '`aws-cloudfront-invalidate` waits until the cache is cleared; which distribution it is, each run is asked.',
    propose: (_said, _item, { outline }) =>
      namesOf(outline).hasCloudfront
        ? run('aws-cloudfront-invalidate', [['distribution', input('cloudfront_distribution')]])
        : null,
  },
  {
    text: /^security headers (?:are )?(?:configured|set|present|enabled|sent)\b/i,
    kind: 'security-probe',
    why: '`security-probe` says which header its front page lacks.',
    propose: () =>
      check('security-probe', [
        ['base', input('base_url')],
        ['headers', { pages: ['GET /'] }],
      ]),
  },
  {
    text: /\btrivy\b.{0,40}\bno\b.{0,20}\bcritical\b.{0,3}(?:\bor\b|\band\b|\/).{0,3}\bhigh\b/i,
    kind: 'report',
    why: '`report` reads what Trivy wrote as JSON; where that is, each run is asked.',
    propose: () =>
      check('report', [
        ['format', 'trivy'],
        ['path', input('trivy_report')],
      ]),
  },
  {
    text: /^((?:[\w-]+ ){0,3}(?:scans?|regression tests?|tests?))\b.{0,20}\b(?:completed?|reviewed|pass\w*)\b\s*\(((?:CodeQL|Snyk|SonarQube|SonarCloud|Percy|Chromatic|BrowserStack|Sauce Labs|Checkmarx|Veracode|Semgrep)(?:[,/ ]+(?:and |or )?[A-Z]\w+)*)\)/i,
    kind: 'report',
    why: '`external` waits until whoever does it reports how it went.',
    propose: ([, what = '', tools = '']) => check('external', [['from', `${what.toLowerCase()} by ${tools}`]]),
  },
])
