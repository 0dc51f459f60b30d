/** Commands of kubectl as checks and actions of their kinds: what is out and ready, what all pods print, and moves that are waited for. */
import { check, input, type OwnBlock, run, type Settings } from './block.ts'
import { hasOnly, simpleCommands, type SimpleCommand } from './simple-commands.ts'

const place = ['-n', '--namespace']
const always = [
  ...place,
  '-l',
  '--selector',
  '--timeout',
  '--replicas',
  '--to-revision',
  '--since',
  '-c',
  '--container',
]
/** `-f` follows a log, and names a file everywhere else. */
const valued = { logs: new Set(always), others: new Set([...always, '-f', '--filename']) }

const ready = /\b(?:healthy|ready|running|up)\b/i
const workload = /^(deployments?|deploy|statefulsets?|sts|daemonsets?|ds)(?:\.apps)?$/
const fullNames: Readonly<Record<string, string>> = { deploy: 'deployment', sts: 'statefulset', ds: 'daemonset' }
const span = /^\d+[smh]$/

export function clusterBlock(script: string, words: string): OwnBlock | null {
  if (!/^\s*(?:\$\s+)?kubectl\s/m.test(script)) return null
  const commands = simpleCommands(script, /\slogs\s/.test(script) ? valued.logs : valued.others)
  const [command, ...more] = commands ?? []
  if (command?.program !== 'kubectl' || more.length > 0) return null
  const [verb, second] = command.words
  if (verb === 'logs') return logBlock(command, words)
  if (command.search) return null
  if (verb === 'get') return podsBlock(command, words)
  if (verb === 'rollout' && second === 'status') return statusBlock(command)
  if (verb === 'rollout') return moveBlock(command)
  if (verb === 'scale') return scaleBlock(command)
  return verb === 'apply' ? applyBlock(command) : null
}

function namespaceOf({ options }: SimpleCommand): readonly [string, string] {
  return ['namespace', options.get('-n') ?? options.get('--namespace') ?? input('namespace')]
}

/** `deployment/api` of `deploy/api` or `deployment api`; null = something else, or several. */
function workloadOf(words: readonly string[]): string | null {
  const [kind = '', name, ...more] = words.flatMap((word) => word.split('/'))
  const type = workload.exec(kind)?.[1]?.replace(/s$/, '') ?? ''
  const full = fullNames[type === 'd' || type === 'st' ? `${type}s` : type] ?? type
  return full === '' || name === undefined || more.length > 0 || !/^[a-z][\w.-]*$/.test(name) ? null : `${full}/${name}`
}

function podsBlock(command: SimpleCommand, words: string): OwnBlock | null {
  const [, what = '', ...more] = command.words
  if (!/^(?:pods?|po)$/.test(what) || more.length > 0 || !ready.test(words)) return null
  if (!hasOnly(command, ...place, '-l', '--selector')) return null
  const pods = command.options.get('-l') ?? command.options.get('--selector') ?? 'all'
  if (!/^[\w./=-]+$/.test(pods)) return null
  return {
    block: check('kubernetes', [namespaceOf(command), ['pods', pods]]),
    risk: 'reads',
    remark: 'Every pod has to be ready.',
  }
}

function statusBlock(command: SimpleCommand): OwnBlock | null {
  const named = workloadOf(command.words.slice(2))
  const within = command.options.get('--timeout') ?? '10m'
  if (named === null || !span.test(within) || !hasOnly(command, ...place, '--timeout', '-w', '--watch')) return null
  const settings: Settings = [namespaceOf(command), ['rollout', named], ['within', within]]
  return { block: check('kubernetes', settings, 'timeout=1h'), risk: 'reads', remark: 'It waits until that is out.' }
}

const complains = /^(?:errors?|warn(?:ings?)?|fail\w*|exception|panic|fatal|critical|traceback)(?:\\?\|\w+)*$/i

/** `kubectl logs` of a workload shows one of its pods; the check reads all of them. */
function logBlock(command: SimpleCommand, words: string): OwnBlock | null {
  const { search, options } = command
  if (!search || !/^[\w\\|]+$/.test(search.pattern)) return null
  if (!complains.test(search.pattern) && !/\b(?:no|zero|without)\s/i.test(words)) return null
  const [, ...named] = command.words
  const isPod = named.length === 1 && /^(?:pod\/)?[a-z][\w.-]*$/.test(named[0] ?? '')
  const labels = options.get('-l') ?? options.get('--selector')
  const pods = labels ?? workloadOf(named) ?? (isPod ? `pod/${named[0]?.replace(/^pod\//, '')}` : null)
  if (pods === null || (labels !== undefined && named.length > 0) || !/^[\w./=-]+$/.test(pods)) return null
  const since = options.get('--since')
  const container = options.get('-c') ?? options.get('--container')
  if (!hasOnly(command, ...place, '-l', '--selector', '-f', '--follow', '--since', '-c', '--container')) return null
  if (since !== undefined && !span.test(since)) return null
  const settings: Settings = [
    namespaceOf(command),
    ['pods', pods],
    ...(container === undefined ? [] : ([['container', container]] as const)),
    ...(since === undefined ? [] : ([['last', since]] as const)),
    ['forbid', `${search.isLoose ? '(?i)' : ''}${search.pattern.replaceAll('\\|', '|')}`],
  ]
  const remark = 'All pods are read, and a line that is found is an error; a log without lines is no proof.'
  return { block: check('log', settings), risk: 'reads', remark }
}

function applyBlock(command: SimpleCommand): OwnBlock | null {
  const file = command.options.get('-f') ?? command.options.get('--filename')
  if (command.words.length > 1 || file === undefined || !hasOnly(command, ...place, '-f', '--filename')) return null
  if (!/^[\w.-]+(?:\/[\w.-]+)*\.(?:ya?ml|json)$/.test(file) || file.startsWith('..') || file.includes('/..'))
    return null
  const settings: Settings = [namespaceOf(command), ['path', file], ['take-over', true]]
  const remark = 'It is tried first, and waited for until it is out.'
  return { block: run('kubernetes-apply', settings), risk: 'changes', remark }
}

function moveBlock(command: SimpleCommand): OwnBlock | null {
  const [, how, ...named] = command.words
  const to = workloadOf(named)
  const revision = command.options.get('--to-revision')
  if (to === null || !hasOnly(command, ...place, '--to-revision')) return null
  if (how === 'restart' && revision === undefined)
    return move([namespaceOf(command), ['workload', to], ['restart', true]])
  if (how !== 'undo' || !(revision === undefined || /^[1-9]\d{0,5}$/.test(revision))) return null
  return move([namespaceOf(command), ['workload', to], ['undo', revision === undefined ? true : Number(revision)]])
}

function scaleBlock(command: SimpleCommand): OwnBlock | null {
  const to = workloadOf(command.words.slice(1))
  const replicas = command.options.get('--replicas') ?? ''
  if (to === null || !/^\d{1,4}$/.test(replicas) || !hasOnly(command, ...place, '--replicas')) return null
  const settings: Settings = [namespaceOf(command), ['workload', to], ['replicas', Number(replicas)]]
  return { block: run('kubernetes-scale', settings), risk: 'changes', remark: waits }
}

const waits = 'It is waited for until that is out.'

function move(settings: Settings): OwnBlock {
  return { block: run('kubernetes-rollout', settings), risk: 'changes', remark: waits }
}
