/** Commands of git as checks and actions of their kinds: what is clean, tagged and pushed. */
import { check, type OwnBlock, run, type Settings } from './block.ts'
import { hasOnly, simpleCommands, type SimpleCommand } from './simple-commands.ts'

const valued = new Set(['-m', '--message'])
const clean = /\b(?:clean|uncommitted|committed|nothing to commit|no (?:local )?changes)\b/i

export function gitBlock(script: string, words: string): OwnBlock | null {
  const commands = simpleCommands(script, valued)
  if (!commands?.every(({ program, search }) => program === 'git' && search === null)) return null
  const [first, second, ...more] = commands
  if (!first || more.length > 0) return null
  if (!second) return alone(first, script, words)
  const pushed = tagOf(first) === null ? null : pushOf(second)
  return pushed && (pushed.name === null || pushed.name === tagOf(first)) ? tagged(first, pushed) : null
}

function alone(command: SimpleCommand, script: string, words: string): OwnBlock | null {
  const [verb] = command.words
  if (verb === 'status') return cleanTree(command, words)
  if (verb === 'tag') return tagged(command, null)
  // A branch such as 2.5.x looks like a version that has to be filled in.
  if (/\d\.x\b/.test(script) && !/\btags?\b/i.test(words)) return null
  const push = verb === 'push' ? pushOf(command) : null
  return push?.name === null || !push ? null : pushBlock(push.remote, push.name, words)
}

function cleanTree(command: SimpleCommand, words: string): OwnBlock | null {
  if (command.words.length > 1 || !hasOnly(command, '--porcelain', '--short', '-s') || !clean.test(words)) return null
  if (/\b(?:not|n['’]t)\b/i.test(words)) return null
  return { block: check('git', [['clean', true]]), risk: 'reads', remark: 'It says what is not committed.' }
}

const name = /^[\w{][\w./{} -]*$/
const isTag = /^v?(?:\d+(?:\.\d+)+(?:-(?:rc|alpha|beta|pre)[\w.]*)?|\{\{ (?:version|previous) \}\})$/
/** The version with more around it than a prefix: what it means is not known. */
const isPart = /\}\}[.\w]|[\d.]\{\{/

/** The tag that a command makes; null = it makes none, or does more. */
function tagOf(command: SimpleCommand): string | null {
  const [verb, tag, ...more] = command.words
  if (verb !== 'tag' || tag === undefined || more.length > 0 || !name.test(tag) || isPart.test(tag)) return null
  return hasOnly(command, '-a', '--annotate', '-s', '--sign', '-m', '--message', '-am') ? tag : null
}

interface Push {
  readonly remote: string
  /** null = all tags. */
  readonly name: string | null
}

function pushOf(command: SimpleCommand): Push | null {
  const [verb, remote = 'origin', named, ...more] = command.words
  if (verb !== 'push' || more.length > 0 || !/^[\w{][\w.{} -]*$/.test(remote)) return null
  if (named === undefined)
    return hasOnly(command, '--tags') && command.options.size === 1 ? { remote, name: null } : null
  return hasOnly(command) && name.test(named) ? { remote, name: named } : null
}

function tagged(command: SimpleCommand, push: Push | null): OwnBlock | null {
  const tag = tagOf(command)
  if (tag === null || command.options.has('-am')) return null
  const message = command.options.get('-m') ?? command.options.get('--message')
  const isSigned = command.options.has('-s') || command.options.has('--sign')
  const settings: Settings = [
    ['tag', tag],
    ...(message ? ([['message', message]] as const) : []),
    ...(isSigned ? ([['sign', true]] as const) : []),
    ...(push ? ([['push', push.remote]] as const) : []),
  ]
  const isPlain = !isSigned && message === undefined && !command.options.has('-a')
  const remarks = [
    ...(isPlain ? ['The tag will be an annotated one.'] : []),
    ...(push?.name === null ? ['Only this one tag is pushed.'] : []),
  ]
  return { block: run('git-tag', settings, push ? 'danger' : ''), risk: 'changes', remark: remarks.join(' ') }
}

function pushBlock(remote: string, named: string, words: string): OwnBlock | null {
  if (isPart.test(named)) return null
  const is = isTag.test(named) || (/\btags?\b/i.test(words) && /\{\{|\d\.\d/.test(named)) ? 'tag' : 'branch'
  if (is === 'branch' && (named === 'HEAD' || /\{\{/.test(named) || /\btags?\b/i.test(words))) return null
  return {
    block: run('git-push', [
      ['remote', remote],
      [is, named],
    ]),
    risk: 'changes',
    remark: 'Nothing is forced.',
  }
}
