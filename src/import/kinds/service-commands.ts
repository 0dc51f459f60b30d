/** Commands that ask a service as checks of its kind: ports, caches and name servers. */
import { check, type OwnBlock, type Settings } from './block.ts'
import { hasOnly, simpleCommands, type SimpleCommand } from './simple-commands.ts'

const valued = new Set(['-h', '-p', '-w'])
const host = /^[A-Za-z\d{][\w.{} -]*$/
const records = /^(?:A|AAAA|CAA|CNAME|MX|NS|SRV|TXT)$/

export function serviceBlock(script: string): OwnBlock | null {
  const commands = simpleCommands(script, valued)
  const [command, ...more] = commands ?? []
  if (!command || more.length > 0 || command.search) return null
  if (command.program === 'redis-cli') return redisBlock(command)
  if (command.program === 'dig') return dnsBlock(command)
  return /^(?:telnet|nc|ncat)$/.test(command.program) ? portBlock(command) : null
}

function portBlock({ words }: SimpleCommand): OwnBlock | null {
  const [at = '', port = '', ...more] = words
  if (more.length > 0 || !/^[A-Za-z\d{][\w.{} -]*$/.test(at) || !/^\d{1,5}$/.test(port)) return null
  return {
    block: check(
      'tcp',
      [
        ['host', at],
        ['port', Number(port)],
      ],
      'timeout=10s',
    ),
    risk: 'reads',
    remark: '',
  }
}

/** `redis-cli` ends well whatever is answered: only its answer tells. */
function redisBlock(command: SimpleCommand): OwnBlock | null {
  const { options, words } = command
  const at = options.get('-h')
  const port = options.get('-p')
  if (at === undefined || !host.test(at) || words.join(' ').toLowerCase() !== 'ping') return null
  if (!hasOnly(command, '-h', '-p', '--tls') || !(port === undefined || /^\d{1,5}$/.test(port))) return null
  const settings: Settings = [
    ['host', at],
    ...(port === undefined ? [] : ([['port', Number(port)]] as const)),
    ...(options.has('--tls') ? ([['tls', true]] as const) : []),
  ]
  return {
    block: check('redis', settings),
    risk: 'reads',
    remark: 'A refusal fails too, which the command would not say.',
  }
}

/** `dig` ends well where a name has no record. */
function dnsBlock(command: SimpleCommand): OwnBlock | null {
  const words = command.words.filter((word) => word !== '+short')
  const server = words.find((word) => word.startsWith('@'))
  const type = words.find((word) => records.test(word))
  const [name, ...more] = words.filter((word) => word !== server && word !== type)
  if (server !== undefined || name === undefined || more.length > 0 || !/^[\w{][\w.{} -]*$/.test(name)) return null
  if (!hasOnly(command) || !/[.}]/.test(name)) return null
  return {
    block: check(
      'dns',
      [['name', name], ...(type === undefined ? [] : ([['type', type]] as const))],
      'expect="count > 0"',
    ),
    risk: 'reads',
    remark: 'It has a record at least; which one is right has to be said.',
  }
}
