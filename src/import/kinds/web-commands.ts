/** Calls of curl that only read as requests: of services with a name in the net, not of what runs on this machine. */
import { check, type OwnBlock } from './block.ts'
import { hasOnly, simpleCommands, type SimpleCommand } from './simple-commands.ts'

const valued = new Set(['--max-time', '-m', '--connect-timeout', '--retry'])
const quiet = [
  '-s',
  '-S',
  '-f',
  '-sS',
  '-fs',
  '-sf',
  '-fsS',
  '-sSf',
  '-fS',
  '-sfS',
  '--silent',
  '--show-error',
  '--fail',
]
const others = ['-L', '--location', '-sL', '-fsSL', '-sSL', '-fL', '-I', '--head', '-sI', ...valued]

/** A name with a dot: what only this machine or this network knows is asked where commands run. */
const address =
  /^https?:\/\/(?:[a-z\d-]+\.)+[a-z]{2,}(?::\d{1,5})?(?:\/(?:[\w.~%:@!,;=+?&/-]|\{\{ [\w.]+ \}\})*)?(?:\?(?:[\w.~%:@!,;=+&/-]|\{\{ [\w.]+ \}\})*)?$/i

export function webBlock(script: string): OwnBlock | null {
  if (!/^\s*(?:\$\s+)?curl\s/m.test(script)) return null
  const commands = simpleCommands(script, valued) ?? []
  const requests = commands.map(requestOf)
  if (requests.length === 0 || requests.length > 10 || requests.includes(null)) return null
  const [only] = commands
  const metric = commands.length === 1 && only ? metricOf(only) : null
  if (metric) return metric
  const block = ['```http check timeout=1m', requests.join('\n\n###\n'), '```'].join('\n')
  return { block, risk: 'reads', remark: 'An answer of 400 or above fails.' }
}

function requestOf(command: SimpleCommand): string | null {
  const [url = '', ...more] = command.words
  if (command.program !== 'curl' || command.search || more.length > 0 || !address.test(url)) return null
  if (
    /\.(?:local|internal|lan|home|localhost|svc)(?:[:/]|$)/i.test(url) ||
    /[?&](?:token|key|secret|password)=/i.test(url)
  )
    return null
  if (!hasOnly(command, ...quiet, ...others)) return null
  const names = [...command.options.keys()]
  const follows = names.some((name) => name === '--location' || /^-[a-zA-Z]*L/.test(name))
  const isHead = names.some((name) => name === '--head' || /^-[a-zA-Z]*I/.test(name))
  const lines = [
    ...(follows ? ['# @redirect follow'] : []),
    '# @expect status < 400',
    `${isHead ? 'HEAD' : 'GET'} ${url}`,
  ]
  return lines.join('\n')
}

/** Prometheus answers well whatever it is asked for: whether there is such a metric is another question. */
function metricOf({ words }: SimpleCommand): OwnBlock | null {
  const asked = /^(https?:\/\/[^/?]+)\/api\/v1\/query\?query=([a-zA-Z_]\w*)$/.exec(words[0] ?? '')
  if (!asked) return null
  const [, url = '', metric = ''] = asked
  return {
    block: check('prometheus', [
      ['url', url],
      ['metrics', [metric]],
    ]),
    risk: 'reads',
    remark: 'It passes where the metric has samples now.',
  }
}
