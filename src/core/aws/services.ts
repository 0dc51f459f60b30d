/** The services of AWS that are asked here: how their signatures and their hosts are called, and which of them are in no region. */

interface Service {
  /** As it is called in signatures. */
  readonly signs: string
  /** First part of its host name. */
  readonly host: string
  /** One place for the whole world, which signs for this region; null = a place in each region. */
  readonly home: string | null
}

const services = {
  s3: { signs: 's3', host: 's3', home: null },
  sts: { signs: 'sts', host: 'sts', home: null },
  rds: { signs: 'rds', host: 'rds', home: null },
  lambda: { signs: 'lambda', host: 'lambda', home: null },
  monitoring: { signs: 'monitoring', host: 'monitoring', home: null },
  logs: { signs: 'logs', host: 'logs', home: null },
  loadBalancing: { signs: 'elasticloadbalancing', host: 'elasticloadbalancing', home: null },
  cloudfront: { signs: 'cloudfront', host: 'cloudfront', home: 'us-east-1' },
  cost: { signs: 'ce', host: 'ce.us-east-1', home: 'us-east-1' },
} as const satisfies Readonly<Record<string, Service>>

export type AwsService = keyof typeof services

/** For its signature; `region` null = the service is in none. */
export function signingOf(
  service: AwsService,
  region: string | null,
): { readonly service: string; readonly region: string } {
  const { signs, home } = services[service]
  return { service: signs, region: home ?? region ?? 'us-east-1' }
}

/** `https://rds.eu-west-1.amazonaws.com`; a region may still be `{{ a name }}`. */
export function endpointOf(service: AwsService, region: string | null): string {
  const { host, home } = services[service]
  const end = region?.startsWith('cn-') === true ? 'amazonaws.com.cn' : 'amazonaws.com'
  return home === null ? `https://${host}.${region ?? 'us-east-1'}.${end}` : `https://${host}.amazonaws.com`
}
