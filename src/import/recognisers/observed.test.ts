/** What watches a system is asked: targets, rules, panels, set-ups in a cloud, and reports of others. */
import { expect, test } from 'vitest'
import { seen, task } from './cases.ts'

test.for([
  ['Prometheus scrape targets configured', 'on: metrics\ntargets: all'],
  ['RDS automated backups enabled and retention >= 7 days', 'instance: "{{ input.rds_instance }}"\nretention-days: 7'],
  ['S3 bucket versioning + encryption enabled', 'versioning: true\nencrypted: true'],
  ['Trivy scan reports no CRITICAL or HIGH vulnerabilities', 'format: trivy\npath: "{{ input.trivy_report }}"'],
  ['No alerts firing in Prometheus', 'firing: none'],
  ['Security headers configured', 'kind: security-probe\nbase: "{{ input.base_url }}"\nheaders: { pages: [GET /] }'],
  ['Security scan completed (CodeQL, Snyk)', 'kind: external\nfrom: "security scan by CodeQL, Snyk"'],
] as const)('%s', ([words, part]) => {
  expect(task(words).proposal).toMatchObject({ risk: 'reads', block: expect.stringContaining(part) })
})

test.for([
  'Alert rules deployed',
  'All panels have data',
  'RDS backups enabled',
  'RDS automated backups retention >= 7 days, cross-region copy enabled',
  'Security scan completed (by Ana)',
  'S3 bucket created',
])('stays with a person: %s', (words) => expect(task(words).proposal).toBeNull())

test('Grafana is asked where the document says it is, Prometheus where it is named', () => {
  const text =
    'Prometheus feeds https://grafana.acme.dev\n\n## Grafana\n\n- [ ] All panels have data\n- [ ] Alert rules loaded\n'
  expect(seen(text, 5).proposal).toMatchObject({
    needs: ['grafana_dashboard'],
    block: expect.stringContaining('url: https://grafana.acme.dev\ntoken: GRAFANA_TOKEN'),
  })
  expect(seen(text, 6).proposal?.block).toContain('rules: all')
})

test('a cache that others see is cleared by an action, where it is known whose it is', () => {
  const text = 'CloudFront stands before it.\n\n- [ ] Clear the CDN cache\n'
  expect(seen(text, 3).proposal).toMatchObject({ risk: 'changes', needs: ['cloudfront_distribution'] })
  expect(task('Clear the CDN cache').proposal).toBeNull()
})
