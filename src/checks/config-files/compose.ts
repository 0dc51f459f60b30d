/** What `docker compose config` would refuse in a compose file, and what it would only warn of: read by the compose specification. */
import type { Json } from '../../core/units.ts'
import { isFields } from './settings.ts'

const topLevel = ['version', 'name', 'include', 'services', 'networks', 'volumes', 'configs', 'secrets', 'models']

const serviceKeys = new Set(
  `annotations attach build blkio_config cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count
  cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy
  develop device_cgroup_rules devices dns dns_opt dns_search domainname driver_opts entrypoint env_file environment expose
  extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links
  logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable
  oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles provider pull_policy read_only restart
  runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits
  use_api_socket user userns_mode uts volumes volumes_from working_dir`.split(/\s+/),
)

export interface Compose {
  readonly problems: readonly string[]
  /** Files of variables that a service wants, as they stand there. */
  readonly envFiles: readonly string[]
}

type Fields = Readonly<Record<string, Json>>

/** `variables` = those that are set. */
export function lookAtCompose(tree: Json, variables: Readonly<Record<string, string>>): Compose {
  const unset = new Set<string>()
  const whole = filledIn(tree, variables, unset)
  if (!isFields(whole)) return { problems: ['it is no map'], envFiles: [] }
  const services = isFields(whole['services']) ? whole['services'] : {}
  const problems = [
    ...[...unset].toSorted().map((name) => `\${${name}} has no value and no default`),
    ...Object.keys(whole)
      .filter((name) => !topLevel.includes(name) && !name.startsWith('x-'))
      .map((name) => `"${name}" is nothing that a compose file has`),
    ...(Object.keys(services).length === 0 && whole['include'] === undefined ? ['it has no services'] : []),
    ...Object.entries(services).flatMap(([name, service]) => serviceProblems(name, service, whole, services)),
    ...circleProblems(services),
    ...samePorts(services),
  ]
  return { problems, envFiles: Object.values(services).flatMap(envFilesOf) }
}

function serviceProblems(name: string, service: Json, whole: Fields, services: Fields): readonly string[] {
  if (!isFields(service)) return [`service ${name} is no map`]
  const problems: string[] = []
  const bad = (why: string): void => void problems.push(`service ${name}: ${why}`)
  for (const key of Object.keys(service))
    if (!serviceKeys.has(key) && !key.startsWith('x-')) bad(`"${key}" is nothing that a service has`)
  if (!['image', 'build', 'extends', 'provider'].some((key) => service[key] !== undefined && service[key] !== ''))
    bad('it has neither image nor build')
  if (whole['include'] === undefined)
    for (const other of [...namesIn(service['depends_on']), ...namesIn(service['links']).map(beforeColon)])
      if (!Object.hasOwn(services, other)) bad(`there is no service ${other}`)
  for (const other of namesIn(service['networks']))
    if (other !== 'default' && !declares(whole, 'networks', other)) bad(`there is no network ${other}`)
  for (const volume of namedVolumes(service['volumes']))
    if (!declares(whole, 'volumes', volume)) bad(`there is no volume ${volume}`)
  for (const kind of ['secrets', 'configs'] as const)
    for (const one of sourcesIn(service[kind]))
      if (!declares(whole, kind, one)) bad(`there is no ${kind.slice(0, -1)} ${one}`)
  if (service['network_mode'] !== undefined && service['networks'] !== undefined)
    bad('it has network_mode and networks, of which only one may be')
  for (const port of portsIn(service['ports'])) if (!shortPort.test(port)) bad(`"${port}" is no port`)
  return problems
}

const shortPort =
  /^(?:(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):)?(?:(?:\d{1,5}(?:-\d{1,5})?)?:)?\d{1,5}(?:-\d{1,5})?(?:\/(?:tcp|udp|sctp))?$/i

function portsIn(ports: Json | undefined): readonly string[] {
  return Array.isArray(ports) ? ports.filter((one) => typeof one !== 'object').map(String) : []
}

/** A list of names, or a map by names. */
function namesIn(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
  return isFields(value) ? Object.keys(value) : []
}

function sourcesIn(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one) => {
    const source = isFields(one) ? one['source'] : one
    return typeof source === 'string' ? [source] : []
  })
}

function beforeColon(text: string): string {
  return text.split(':')[0] ?? text
}

function declares(whole: Fields, kind: string, name: string): boolean {
  const declared = whole[kind]
  return whole['include'] !== undefined || (isFields(declared) && Object.hasOwn(declared, name))
}

/** Those that are no path of the machine. */
function namedVolumes(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one) => {
    if (isFields(one)) return one['type'] === 'volume' && typeof one['source'] === 'string' ? [one['source']] : []
    if (typeof one !== 'string' || !one.includes(':')) return []
    const source = beforeColon(one)
    return /^[A-Za-z0-9][\w.-]*$/.test(source) && !/^[A-Za-z]$/.test(source) ? [source] : []
  })
}

function envFilesOf(service: Json): readonly string[] {
  if (!isFields(service)) return []
  const given = service['env_file']
  const list = Array.isArray(given) ? given : given === undefined ? [] : [given]
  return list.flatMap((one) => {
    if (isFields(one)) return one['required'] === false || typeof one['path'] !== 'string' ? [] : [one['path']]
    return typeof one === 'string' ? [one] : []
  })
}

function circleProblems(services: Fields): readonly string[] {
  const done = new Set<string>()
  const walk = (name: string, way: readonly string[]): string | null => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name].join(' -> ')
    if (done.has(name) || !Object.hasOwn(services, name)) return null
    const service = services[name]
    const next = isFields(service) ? namesIn(service['depends_on']) : []
    for (const other of next) {
      const circle = walk(other, [...way, name])
      if (circle !== null) return circle
    }
    done.add(name)
    return null
  }
  for (const name of Object.keys(services)) {
    const circle = walk(name, [])
    if (circle !== null) return [`services wait for one another: ${circle}`]
  }
  return []
}

/** Two services cannot have the same port of the machine. */
function samePorts(services: Fields): readonly string[] {
  const taken = new Map<string, string>()
  const problems: string[] = []
  for (const [name, service] of Object.entries(services)) {
    if (!isFields(service) || service['profiles'] !== undefined) continue
    for (const port of portsIn(service['ports'])) {
      const published = /^(.*:)?\d+(?:-\d+)?(\/\w+)?$/.exec(port)
      if (published?.[1] === undefined || /^:$/.test(published[1])) continue
      const place = `${published[1]}${published[2] ?? ''}`
      const other = taken.get(place)
      if (other !== undefined && other !== name)
        problems.push(`services ${other} and ${name} both want ${place.replace(/:(?=\/|$)/, '')} of the machine`)
      taken.set(place, name)
    }
  }
  return problems
}

const variable = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+?])((?:[^{}]|\$\{[^{}]*\})*))?\})/g

function filledIn(value: Json, variables: Readonly<Record<string, string>>, unset: Set<string>): Json {
  if (typeof value === 'string') return filledText(value, variables, unset)
  if (Array.isArray(value)) return value.map((one) => filledIn(one, variables, unset))
  if (!isFields(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filledIn(one, variables, unset)]))
}

/** One that is not set and has no default is empty, as compose has it. */
function filledText(value: string, variables: Readonly<Record<string, string>>, unset: Set<string>): string {
  return value.replaceAll(variable, (all, short?: string, name = short, sign?: string, other: string = '') => {
    if (all === '$$' || name === undefined) return '$'
    const set = Object.hasOwn(variables, name) ? variables[name] : undefined
    const isSet = set !== undefined && (set !== '' || !sign?.startsWith(':'))
    if (sign?.endsWith('+')) return isSet ? filledText(other, variables, unset) : ''
    if (isSet) return set
    if (sign?.endsWith('-')) return filledText(other, variables, unset)
    unset.add(name)
    return ''
  })
}
