/** `judge`: the canary judge as a filter, so that anybody can score it. One line in, one verdict out, in lockstep. */
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { createLineJudge, type ProtocolPolicy, protocolLimits } from '../../core/judge/protocol.ts'
import type { Run } from '../command-entry.ts'
import { UsageFault } from '../faults.ts'
import { text } from '../values.ts'

const chance = z.number().gt(0).lt(1)

const policyFile = z.strictObject({
  'false-alarm': chance.optional(),
  'false-go': chance.optional(),
  /** A go needs the shortest soak of the start line only. */
  early: z.boolean().optional(),
  limits: protocolLimits.optional(),
})

const example = 'false-alarm: 0.01\nlimits: { errorRate: { go: 0.01, rollback: 0.02, outage: 0.05 } }'

export const judge: Run = async (_context, _words, options) => {
  const file = text(options, 'policy')
  const answer = createLineJudge(file === null ? {} : await policyOf(file))
  await eachLine(process.stdin, (line) => {
    const said = answer(parsed(line))
    process.stdout.write(`${JSON.stringify(said)}\n`)
  })
  return 0
}

async function policyOf(file: string): Promise<ProtocolPolicy> {
  const read = policyFile.safeParse(readYaml(file, await readFile(file, 'utf8')))
  if (!read.success) {
    const issue = read.error.issues[0]
    throw new UsageFault(
      `${file}: ${issue?.path.join('.') || 'the policy'}: ${issue?.message ?? 'cannot be used'}\n  for example\n${example}`,
    )
  }
  const { 'false-alarm': alpha, 'false-go': beta, early, limits } = read.data
  return {
    ...(alpha === undefined ? {} : { alpha }),
    ...(beta === undefined ? {} : { beta }),
    ...(early === undefined ? {} : { early }),
    ...(limits === undefined ? {} : { limits }),
  }
}

function readYaml(file: string, content: string): unknown {
  try {
    return parse(content)
  } catch (error) {
    throw new UsageFault(`${file} is neither YAML nor JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** What is no JSON is answered like any other line that cannot be used. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

/** No sample is that long: what goes on without an end of line is answered once and left out. */
const longestLine = 1_000_000

/** The whole of `stream`, line by line; what waits is never more than one chunk and the beginning of a line. */
async function eachLine(stream: NodeJS.ReadStream, take: (line: string) => void): Promise<void> {
  let rest = ''
  let isTooLong = false
  stream.setEncoding('utf8')
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (isTooLong && lines.length > 0) {
      lines.shift()
      isTooLong = false
    }
    for (const line of lines) if (line.trim() !== '') take(line)
    if (!isTooLong && rest.length > longestLine) {
      take('too long')
      isTooLong = true
    }
    if (isTooLong) rest = ''
    if (process.stdout.writableNeedDrain) await new Promise<void>((resolve) => process.stdout.once('drain', resolve))
  }
  if (rest.trim() !== '') take(rest)
}
