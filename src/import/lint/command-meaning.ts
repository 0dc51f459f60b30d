/** Rules on what a command says by its exit status: passes that mean nothing, and shell text that never fits a release. */
import { slipsOf } from '../../core/plan/lint-commands.ts'
import { placeholderIn } from '../../core/plan/placeholder.ts'
import { shown, type TextRule } from './text-rule.ts'
import type { TextCommand } from './text-document.ts'

/** Is the command there to find something out, and not to change something? */
function isForChecking({ word, item, path, text }: TextCommand): boolean {
  if (word !== null) return word === 'check'
  const words = [item?.text ?? '', path.at(-1) ?? ''].join(' ')
  const isAsking = /\b(?:verif|check|health|smoke|test|respond|accessib|return|ready|working|pass|valid|monitor)/i
  return isAsking.test(words) || /\/(?:health\w*|status|ready\w*|live\w*|ping|metrics)\b/.test(text)
}

/** Grep ends with 1 when it finds nothing: then "no errors" fails while there are none, and passes while there are some. */
const grepFindsNothing: TextRule = ({ commands }, report) => {
  for (const command of commands) {
    const { text, line, column, info } = command
    const search = /\|\s*(?:e|z)?grep\b([^|]*)$/.exec(text)?.[1]
    if (search === undefined || /(?:^|\s)-(?:\w*[vLc]\w*\b|-invert)/.test(search)) continue
    if (/^!\s|\bif\s|&&|\|\||\bforbid=|\bexpect=/.test(`${text} ${info}`)) continue
    if (command.word !== null && command.word !== 'check') continue
    const isForNone = /\b(?:no|without|zero|none|free of|any)\b/i.test(command.item?.text ?? '')
    const isForBad = /error|warn|fail|exception|fatal|panic|critical|crash|denied|timeout/i.test(search)
    if (!isForBad && !(isForNone && command.where !== 'fence')) continue
    report(
      'grep-finds-nothing',
      { line, column },
      {
        found: `"${shown(text)}": grep ends with 1 when it finds nothing, so the good case fails and the bad case passes`,
        expected: 'the output read as it is, with "forbid" for what must not be in it',
        example: '```sh check forbid=/error/\nkubectl logs -l app=api --since=10m --tail=500\n```',
      },
    )
  }
}

const readsOnePod: TextRule = ({ commands }, report) => {
  for (const { text, line, column } of commands) {
    if (!/\bkubectl\s(?:.*\s)?logs\b/.test(text) || /--all-pods\b|\s(?:-l|--selector)\b/.test(text)) continue
    if (!/\s(?:deploy(?:ments?)?(?:\.apps)?|sts|statefulsets?|ds|daemonsets?|rs|replicasets?)[/ ]\S/.test(text))
      continue
    report(
      'reads-one-pod',
      { line, column },
      {
        found: `"${shown(text)}": of a deployment, kubectl reads the logs of one pod only`,
        expected: 'all pods, by their labels',
        example: 'kubectl logs -l app=api --all-containers --prefix --since=10m --tail=500',
      },
    )
  }
}

const curlWithoutFail: TextRule = ({ commands }, report) => {
  for (const command of commands) {
    const { text, line, column } = command
    if (!isPlainCurl(text) || !isForChecking(command)) continue
    report(
      'curl-without-fail',
      { line, column },
      {
        found: `"${shown(text)}": curl ends with 0 whatever the server answers, a 500 too`,
        expected: 'curl with --fail, or an "http check"',
        example: 'curl -fsS --max-time 10 https://shop.example/health',
      },
    )
  }
}

/** A curl whose exit status is all that is looked at. */
export function isPlainCurl(text: string): boolean {
  const curl = /(?:^|[;&(]\s*)curl\s[^;&]*/.exec(text)?.[0]
  if (curl === undefined || text.includes('http_code')) return false
  return !/\s(?:-[a-zA-Z]*f[a-zA-Z]*|--fail\S*|-[a-zA-Z]*[IiwdFT]\b|(?:-X|--request)[ =]?(?:POST|PUT|DELETE|PATCH)|--data\S*|--head|--version|-[a-zA-Z]*[oO]\b|--output)(?=\s|$)|\|\s*(?:grep|sh|bash|tar|sudo|gpg)\b/.test(
    curl,
  )
}

const failureSwallowed: TextRule = ({ commands, fences }, report) => {
  const strictLines = new Set(
    fences
      .filter(({ body }) => /\bpipefail\b/.test(body))
      .flatMap(({ line, endLine }) => Array.from({ length: endLine - line + 1 }, (_, index) => line + index)),
  )
  for (const command of commands) {
    const { text, line, column, where } = command
    const always = /(?:\|\|\s*(?:true|:|exit 0|echo\b.*)|;\s*true)\s*$/.exec(text)?.[0]
    // Our blocks run with pipefail.
    const pipe =
      where === 'block' || strictLines.has(line) ? undefined : /\|\s*(?:tee|tail|head|cat|jq)\b[^|]*$/.exec(text)?.[0]
    if (always === undefined && (pipe === undefined || !isForChecking(command) || isPlainCurl(text))) continue
    // To clean up what may not be there is no check.
    if (always !== undefined && !isForChecking(command) && !/\b(?:test|lint|check|audit|scan|verify)\b/.test(text))
      continue
    report(
      'failure-swallowed',
      { line, column },
      {
        found:
          always === undefined
            ? `"${shown(text)}": what fails before "${shown(pipe ?? '', 30)}" is not noticed`
            : `"${shown(text)}": because of "${shown(always, 30)}" it always passes`,
        expected: 'a command that fails when what it looks at is wrong; pipes with pipefail',
        example: 'set -o pipefail',
      },
    )
  }
}

/** In a document that declares itself, the rules of the plan look at its blocks. */
const shellSlips: TextRule = ({ commands, isDeclared }, report) => {
  if (isDeclared) return
  for (const { text, line, column } of commands)
    for (const { code, remark } of slipsOf(text)) report(code, { line, column }, remark)
}

/** A name that is left in ten commands is told once. */
const placeholderLeft: TextRule = ({ commands, isDeclared }, report) => {
  if (isDeclared) return
  const found = commands.flatMap((command) => {
    const name = placeholderIn(command.text)
    return name === null ? [] : [{ ...command, name }]
  })
  for (const [name, [first, ...others]] of Map.groupBy(found, (each) => each.name)) {
    if (!first) continue
    const { line, column } = first
    report(
      'placeholder-left',
      { line, column },
      {
        found: `the placeholder "${name}" in a command${others.length > 0 ? `, and in ${others.length} more` : ''}`,
        expected: 'the value itself, or a variable such as $HOLDPOINT_VERSION',
        example: 'docker pull shop/api:"$HOLDPOINT_VERSION"',
      },
    )
  }
}

/** The number of a release that is long out, in a command that makes or publishes the next one. */
const sampleVersion: TextRule = ({ commands }, report) => {
  const told = new Set<string>()
  for (const { text, line, column } of commands) {
    const isMaking =
      /\bgit\s+(?:tag|push|checkout\s+-b)\b|\bgh\s+release\b|\bdocker\s+(?:push|tag|build)\b|\bnpm\s+version\b|\bhelm\s+(?:upgrade|install)\b/
    const version = isMaking.test(text)
      ? /(?<![\w.^~=])v?\d+\.\d+\.\d+(?:-\w[\w.]*)?(?![\w.{$-])/.exec(text)?.[0]
      : undefined
    if (version === undefined || told.has(version)) continue
    told.add(version)
    report(
      'sample-version',
      { line, column },
      {
        found: `the version ${version} written into "${shown(text, 50)}"`,
        expected: 'the version of the release, which is another one each time',
        example: 'git tag -a "v$HOLDPOINT_VERSION" -m "Release v$HOLDPOINT_VERSION"',
      },
    )
  }
}

export const meaningRules: readonly TextRule[] = [
  grepFindsNothing,
  readsOnePod,
  curlWithoutFail,
  failureSwallowed,
  shellSlips,
  placeholderLeft,
  sampleVersion,
]
