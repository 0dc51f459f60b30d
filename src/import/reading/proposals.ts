/** Writes the blocks that are proposed. Nothing in them runs before somebody accepts it. */
import type { Proposal, Risk } from '../item.ts'
import { asked, bounded, isInteractive, isOutward, riskOf } from './shell-meaning.ts'

export interface ShellProposal {
  readonly proposal: Proposal | null
  readonly risk: Risk
  readonly placeholders: readonly string[]
  /** What was done to the command, or why it is not proposed, in one sentence; '' = nothing. */
  readonly remark: string
}

/** A string that YAML reads back as it is. */
export function yamlText(text: string): string {
  return /^[A-Za-z][\w ./-]*$/.test(text) && !/^(?:yes|no|y|n|true|false|on|off|null)$/i.test(text)
    ? text
    : JSON.stringify(text)
}

export interface ShellUse {
  readonly language: string
  /** Output that means that it is wrong: a grep that must find nothing. */
  readonly forbid?: RegExp | null
  readonly isNoErrors?: boolean
}

const inverse =
  /\s*(?:2>&1\s*)?\|\s*(?:grep|rg|egrep)\s+((?:-[a-zA-Z]+\s+)*)(?:"([^"]{1,80})"|'([^']{1,80})'|([\w.|-]{1,60}))\s*$/

/** A command becomes a check where it only reads, and a `run` with typed confirmation where it reaches beyond this machine. */
export function shellProposal(source: string, use: ShellUse): ShellProposal {
  const filled = asked(source.replace(/\s+$/, ''))
  const bound = bounded(filled.script)
  const risk = riskOf(source)
  const { placeholders } = filled
  const none = (remark: string): ShellProposal => ({ proposal: null, risk, placeholders, remark })
  if (isInteractive(bound.script)) return none('It asks questions or never ends, so a person runs it.')
  if (/<<-?\s*['"]?\w+/.test(source) && placeholders.length > 0) return none('Values have to be filled into it first.')
  let script = bound.script
  let forbid = ''
  if (use.isNoErrors === true) {
    const match = inverse.exec(script)
    const word = match?.[2] ?? match?.[3] ?? match?.[4]
    if (match && word !== undefined && !/-\w*v/.test(match[1] ?? '')) {
      const insensitive = /-\w*i/.test(match[1] ?? '') ? '(?i)' : ''
      script = `${script.slice(0, match.index)}${match[0].includes('2>&1') ? ' 2>&1' : ''}`
      forbid = ` forbid=/${insensitive}${word.replaceAll('/', '\\/')}/`
    }
  }
  const curled = script.replace(/\bcurl\s+(?!.*(?:\s-f|--fail|-\w*f\w*\s))/g, 'curl -fS --max-time 10 ')
  const isCheck = risk === 'reads'
  if (isCheck) script = curled
  const word = isCheck ? 'check' : 'run'
  const danger = !isCheck && isOutward(source) ? ' danger' : ''
  const language = /^(?:python3?|node)$/.test(use.language) ? use.language.replace('3', '') : 'sh'
  const info = `${language} ${word}${isCheck ? ' timeout=10m' : ''}${forbid}${danger}`
  const mark = script.includes('```') ? '````' : '```'
  const remarks = [
    ...(bound.isBounded ? ['It would go on for ever or ask, and is bounded here.'] : []),
    ...(forbid === '' ? [] : ['A line that is found is an error, so finding nothing passes.']),
    ...(placeholders.length > 0 ? [`It needs values for ${placeholders.slice(0, 5).join(', ')}.`] : []),
  ]
  return {
    proposal: { block: `${mark}${info}\n${script}\n${mark}`, risk },
    risk,
    placeholders,
    remark: remarks.join(' '),
  }
}
