/** Values that a block leaves open: each run asks for them, as inputs of the checklist. */
import { blanks } from './joined/metric-queries.ts'

const taken = /\bHOLDPOINT_INPUT_([A-Z][A-Z0-9_]*)\b|\{\{\s*input\.([a-z][a-z0-9_]*)\s*\}\}/g

/** Names of inputs that a block takes, each once, in the order of the block. */
export function inputsOfBlock(block: string): readonly string[] {
  const names = Array.from(block.matchAll(taken), ([, variable, slot]) => (variable ?? slot ?? '').toLowerCase())
  return [...new Set(names)]
}

const own: Readonly<Record<string, string>> = {
  ...blanks,
  set_weight: 'command that gives the new version HOLDPOINT_WEIGHT percent of the traffic',
  read_weight: 'command that prints the percentage which the new version has now',
  base_url: 'where the service answers, such as https://shop.example',
  release_tag: 'tag of the release, such as v1.4.0',
  previous_tag: 'tag of the release before, such as v1.3.2',
  github_owner: 'owner of the repository on GitHub, such as acme of acme/shop',
  github_repository: 'name of the repository on GitHub, such as shop of acme/shop',
  github_milestone: 'title of the milestone on GitHub, such as 1.4.0',
  namespace: 'namespace of Kubernetes, such as shop',
  aws_region: 'region of AWS, such as eu-west-1',
  host: 'name of the service, such as shop.example',
  image: 'address of the image of this release with its tag, such as https://registry.example/shop/api:1.4.0',
  previous_image:
    'address of the image of the release before with its tag, such as https://registry.example/shop/api:1.3.2',
  manifests: 'manifests of Kubernetes beside the checklist, such as k8s/*.yaml',
  websocket_base: 'where the service answers to WebSockets, such as wss://shop.example',
  websocket_url: 'address of the WebSocket, such as wss://shop.example/ws',
  grafana_url: 'address of Grafana, such as https://grafana.example',
  grafana_dashboard: 'title of the dashboard in Grafana',
  cloudfront_distribution: 'id of the distribution of CloudFront, such as E2EXAMPLE',
  rds_instance: 'name of the database in RDS',
  s3_bucket: 'name of the bucket in S3',
  trivy_report: 'report of Trivy in JSON beside the checklist, such as reports/trivy.json; * stands for any name',
  rtmp_url: 'address of the RTMP application without a key, such as rtmp://ingest.example/live',
  migrations_folder: 'folder of the migrations beside the checklist, such as db/migrations',
  hls_url: 'address of the playlist, such as https://cdn.example/live/1/master.m3u8',
  vnc_url: 'address of the WebSocket of the remote desktop, such as wss://desk.example/websockify',
  health_url: 'address that answers while the service is healthy',
}

/** What is to be given, in one sentence; null = its name says it. */
export function inputMeaning(input: string): string | null {
  if (Object.hasOwn(own, input)) return own[input] ?? null
  if (input.endsWith('_workflow'))
    return `file of the workflow ${input.slice(0, -9).replaceAll('_', ' ')} on GitHub, such as deploy.yml`
  return input.endsWith('_series') ? `series in Prometheus of ${input.slice(0, -7).replaceAll('_', ' ')}` : null
}

/** The block looks at numbers of a metric source. */
function asksForNumbers(block: string): boolean {
  return /^```+(?:promql\b|yaml baseline\b|yaml (?:rollout|watch)\b[^]*^ *metrics:)|^on: metrics$/m.test(block)
}

/** A place that blocks ask and that is declared as a source. */
export type SourceName = 'metrics' | 'cluster' | 'database'

/** Sources without which the block asks nowhere. */
export function sourcesOfBlock(block: string): readonly SourceName[] {
  const asksCluster = /^kind: kubernetes(?:-\w+)?$|^kind: log\n(?:.+\n)*?pods: /m.test(block)
  return [
    ...(asksForNumbers(block) ? (['metrics'] as const) : []),
    ...(asksCluster ? (['cluster'] as const) : []),
    ...(asksDatabase(block) ? (['database'] as const) : []),
  ]
}

function asksDatabase(block: string): boolean {
  return /^```+sql check on=database\b|^on: database$/m.test(block)
}

/** Holds the address of the source `database`, with its password. */
export const databaseSecret = 'DATABASE_URL'

/** Names of secrets that the block takes, by its settings or by its kind. */
export function secretsOfBlock(block: string): readonly string[] {
  const named = /^token: ([A-Z]\w*)$/m.exec(block)?.[1]
  if (named !== undefined) return [named]
  if (asksDatabase(block)) return [databaseSecret]
  if (/^kind: github(?:-\w+)*$/m.test(block)) return ['GITHUB_TOKEN']
  return /^kind: aws-/m.test(block) ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] : []
}
