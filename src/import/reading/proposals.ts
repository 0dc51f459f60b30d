/** Writes the blocks that are proposed. Nothing in them runs before somebody accepts it. */
import type { Proposal, Risk } from '../item.ts'
import { bounded, isInteractive } from './shell-endless.ts'
import { asked, isOnlyShown, isOnlyValues, isOutward, riskOf } from './shell-meaning.ts'
import { commandLines } from './shell-parts.ts'
import { isSecretName, printsSecret } from './shell-secrets.ts'

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
  /** The words around it: "no errors in the logs" turns the verdict of a grep round. */
  readonly words: string
}

const inverse =
  /\s*(?:2>&1\s*)?\|\s*(?:grep|rg|egrep)\s+((?:-[a-zA-Z]+\s+)*)(?:"([^"]{1,80})"|'([^']{1,80})'|([\w.|-]{1,60}))\s*$/

/** A command becomes a check where it only reads, and a `run` with typed confirmation where it reaches beyond this machine. */
export function shellProposal(source: string, { language, words }: ShellUse): ShellProposal {
  // A block is asked about as part of its item and by itself.
  if (lastMade?.source !== source || lastMade.language !== language || lastMade.words !== words)
    lastMade = { source, language, words, made: makeProposal(source, { language, words }) }
  return lastMade.made
}

let lastMade: (ShellUse & { readonly source: string; readonly made: ShellProposal }) | null = null

function makeProposal(source: string, use: ShellUse): ShellProposal {
  // What is not read to its end is not judged, and not proposed.
  if (source.length > 20_000 || (source.length > 1_000 && /[^\n]{1001}/.test(source.replace(/\\[ \t]*\n/g, ' '))))
    return {
      proposal: null,
      risk: 'changes',
      placeholders: [],
      remark: 'It is too long to be judged, so a person runs it.',
    }
  const filled = asked(source.replace(/\s+$/, ''))
  const bound = bounded(filled.script)
  const risk = isShell(use.language) ? riskOf(bound.script) : worse(riskOf(bound.script))
  const { placeholders } = filled
  const none = (remark: string): ShellProposal => ({ proposal: null, risk, placeholders, remark })
  if (isOnlyValues(filled.script)) return none('It only sets values.')
  if (isInteractive(bound.script)) return none('It asks questions or never ends, so a person runs it.')
  if (printsSecret(bound.script))
    return none('It prints a secret, and what a block prints is kept, so a person runs it.')
  const secret = placeholders.find(isSecretName)
  if (secret !== undefined)
    return none(`It needs the secret ${secret}, and a value that is asked for is kept: name it with secrets= instead.`)
  if (alternatives.test(bound.script) && commandLines(bound.script).length > 1)
    return none('It holds one way and another; which of them is meant has to be said.')
  if (/<<-?\s*['"]?\w+/.test(source) && placeholders.length > 0) return none('Values have to be filled into it first.')
  const lines = commandLines(bound.script)
  const meant =
    risk === 'reads' ? meaningIn(bound.script, lines, use) : { script: bound.script, forbid: null, remark: '' }
  if (meant === null)
    return none('Finding nothing is good here, which its exit code does not say; a person reads its output.')
  let { script } = meant
  const forbid = meant.forbid === null ? '' : ` forbid=/${meant.forbid}/`
  // Without this, curl calls an error page a success.
  const curled = script.replace(/\bcurl\s[^|;&\n]*/g, (call) =>
    /\s(?:-[a-zA-Z]*f[a-zA-Z]*|--fail\S*)(?=\s|$)/.test(call)
      ? call
      : call.replace(/^curl\s+/, 'curl -fS --max-time 10 '),
  )
  const isCheck = risk === 'reads'
  if (isCheck) script = curled
  if (isCheck && forbid === '' && isOnlyShown(script))
    return none('It ends well whatever it finds, so a person runs it and reads its output.')
  const word = isCheck ? 'check' : 'run'
  const danger = !isCheck && (!isShell(use.language) || isOutward(bound.script)) ? ' danger' : ''
  const language = /^(?:python3?|node)$/.test(use.language) ? use.language.replace('3', '') : 'sh'
  const info = `${language} ${word}${isCheck ? ' timeout=10m' : ''}${forbid}${danger}`
  const mark = script.includes('```') ? '````' : '```'
  const remarks = [
    ...(bound.isBounded ? ['It would go on for ever or ask, and is bounded here.'] : []),
    ...(meant.remark === '' ? [] : [meant.remark]),
    ...(placeholders.length > 0 ? [`It needs values for ${placeholders.slice(0, 5).join(', ')}.`] : []),
  ]
  return {
    proposal: { block: `${mark}${info}\n${script}\n${mark}`, risk },
    risk,
    placeholders,
    remark: remarks.join(' '),
  }
}

/** `# OR for SQLite:`, `# 3. Or to a revision`, `# Option B`: not all of it is meant to run. */
const alternatives =
  /^\s*#+\s*(?:\d+[.)]\s*)?(?:or\b|alternatively\b|(?:option|alternative|variant)\s+(?:\d|[A-D]\b))/im

const complains =
  /^[^a-z]*(?:errors?|warn(?:ings?)?|fail\w*|exception|panic|fatal|critical|traceback|denied|todo|fixme)\b/i
/** What is looked for must not be there. */
const gone =
  /\b(?:no|zero|without|nothing|none)\b|\b(?:(?:is|are|been|all)\s+(?:gone|removed|deleted|replaced|resolved)|no longer|empty|left ?over)\b/i
const isEmptyGood = /\b(?:no output|nothing (?:is|should be|to)|empty|clean|uncommitted)\b/i

/** A program in another language may do anything: only shell is known by its words. */
function isShell(language: string): boolean {
  return !/^(?:python3?|node)$/.test(language)
}

function worse(risk: Risk): Risk {
  return risk === 'reads' ? 'changes' : risk
}

/** What success of a command that only reads means here; null = not what its exit code says. */
function meaningIn(
  script: string,
  lines: readonly string[],
  { words }: ShellUse,
): { readonly script: string; readonly forbid: string | null; readonly remark: string } | null {
  const isAlone = lines.length === 1
  const found = inverse.exec(script.replace(/\s+$/, ''))
  const word = found?.[2] ?? found?.[3] ?? found?.[4]
  const isTurned = word !== undefined && (complains.test(word) || /\b(?:no|zero|without)\s/i.test(words))
  if (found && isTurned && !/-\w*v/.test(found[1] ?? '')) {
    if (!isAlone) return null
    const insensitive = /-\w*i/.test(found[1] ?? '') ? '(?i)' : ''
    const before = `${script.slice(0, found.index)}${found[0].includes('2>&1') ? ' 2>&1' : ''}`
    const forbid = `${insensitive}${word.replaceAll('\\|', '|').replaceAll('/', '\\/')}`
    return { script: before, forbid, remark: 'A line that is found is an error, so finding nothing passes.' }
  }
  if (lines.some((line) => /\|\s*e?grep\s[^|]*\b(?:error|fail|exception|panic|fatal)/i.test(line))) return null
  const [line = ''] = lines
  const searched = isAlone && !/[|;&]/.test(line) ? /^(?:git\s+)?(?:e?grep|rg)\s(.*)$/.exec(line)?.[1] : undefined
  if (searched !== undefined) {
    if (gone.test(words))
      return /\s-\w*[qcLv]|--(?:quiet|count|files-without|invert)/.test(` ${searched}`)
        ? null
        : {
            script: `${script} || test $? -eq 1`,
            forbid: '\\S',
            remark: 'A line that is found is wrong here, so finding nothing passes.',
          }
    if (/\bnot\b|n['’]t\b/i.test(words)) return null
  }
  if (isAlone && /^git\s+status$/.test(line) && isEmptyGood.test(words))
    return {
      script: 'git status --porcelain',
      forbid: '\\S',
      remark: 'Any line of it is a change that is not committed.',
    }
  const pods = /^kubectl\s+get\s+(?:pods?|po)((?:\s+(?:-n|--namespace|-l|--selector|--context)[ =]\S+)*)$/.exec(line)
  if (isAlone && pods && /\b(?:healthy|ready|running|up)\b/i.test(words))
    return {
      script: `kubectl wait pod --all --for=condition=Ready --timeout=60s${pods[1] ?? ''}`.replace(
        / --all(?=.* (?:-l|--selector))/,
        '',
      ),
      forbid: null,
      remark: 'It waits until every pod says that it is ready.',
    }
  if (
    /#.*\b(?:should|must)\b.{0,30}\bno output\b|#.*\bexpect\w*.{0,20}\b(?:no output|nothing|empty)\b/i.test(script) ||
    /\bno output\b/i.test(words)
  )
    return isAlone ? { script, forbid: '\\S', remark: 'Any output is wrong here.' } : null
  return { script, forbid: null, remark: '' }
}
