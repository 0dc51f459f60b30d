/** What makes a service send a webhook: requests, or a command; and what takes back what they made. */
import type { CheckPowers, CheckResult } from '../../core/ports/check.ts'
import type { CommandResult } from '../../core/ports/launcher.ts'
import { tellingLine } from '../../core/telling-line.ts'
import { forward, type Swept, sweep } from '../http-scenario/run.ts'
import { parseScenario } from '../http-scenario/scenario.ts'
import { textEvidence } from '../parts/evidence.ts'
import { oneLine } from '../parts/say.ts'

export interface Triggered {
  /** Not null where it could not be made to send. */
  readonly problem: CheckResult | null
  /** What was asked and answered, for the evidence. */
  readonly transcript: string
  readonly cleanUp: () => Promise<Pick<Swept, 'problem' | 'addition'>>
}

/** `trigger` in `.http` form, `command` for bash; neither = the service sends by itself. */
interface Trigger {
  readonly trigger?: string | undefined
  readonly command?: string | undefined
}

const nothingToDo: Triggered['cleanUp'] = () => Promise.resolve({ problem: null, addition: '' })

/** `powers` know where to send as the variable `sink_url`. */
export async function pullTrigger(given: Trigger, url: string, powers: CheckPowers): Promise<Triggered> {
  if (given.trigger !== undefined) return byRequests(given.trigger, powers)
  if (given.command !== undefined) return byCommand(given.command, url, powers)
  return { problem: null, transcript: '', cleanUp: nothingToDo }
}

async function byRequests(text: string, powers: CheckPowers): Promise<Triggered> {
  const { requests } = parseScenario(text).scenario
  const { last, captured, records } = await forward(
    requests.filter(({ cleanup }) => !cleanup),
    powers,
  )
  const transcript = records.join('\n')
  return {
    problem: last.outcome === 'passed' ? null : problem(last.outcome, last.say, transcript),
    transcript,
    cleanUp: () =>
      sweep(
        requests.filter(({ cleanup }) => cleanup),
        captured,
        powers,
      ),
  }
}

async function byCommand(script: string, url: string, powers: CheckPowers): Promise<Triggered> {
  const told = await powers.command({
    shell: 'bash',
    script,
    cwd: null,
    timeoutMs: powers.timeoutMs,
    env: { SINK_URL: url },
    part: 'forward',
  })
  const transcript = new TextDecoder().decode(Buffer.concat([told.stdout, told.stderr]))
  return { problem: commandProblem(told, transcript), transcript, cleanUp: nothingToDo }
}

function commandProblem(told: CommandResult, transcript: string): CheckResult | null {
  if (told.ended !== 'exit')
    return problem('errored', `it ended as ${told.ended}${told.why ? `: ${told.why}` : ''}`, transcript)
  if (told.exitCode !== 0) {
    const line = tellingLine(transcript)
    return problem('errored', `exit ${told.exitCode ?? told.signal}${line === '' ? '' : `: ${line}`}`, transcript)
  }
  return null
}

function problem(outcome: CheckResult['outcome'], why: string, transcript: string): CheckResult {
  return { outcome, say: oneLine(`the trigger: ${why}`), evidence: textEvidence('trigger.txt', transcript) }
}
