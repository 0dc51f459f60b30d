/** `judge explain`: why the judge decided as it did, told from the log and the stored samples, and judged again. */
import { type JudgeStory, judgeStory } from '../../report/judge-story.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { storyLines } from '../judge-story-text.ts'
import { findRelease } from '../release-argument.ts'
import { paint } from '../terminal/line.ts'
import { count, text } from '../values.ts'

export const judgeExplain: Run = async (context, words, options) => {
  const client = await context.client()
  const { release } = await findRelease(client, words[0], true)
  // The log first: samples that come while it is read are told as not recorded yet, never as missing.
  const events = await client.events(release)
  const story = judgeStory(events, await client.measurements(release))
  const shown = ofStage(story, text(options, 'stage'))
  if (context.json) printJson(context, shown)
  else {
    const { colour, width } = context.paper()
    for (const line of storyLines(shown, width)) context.out(paint(line, { colour, width: Number.POSITIVE_INFINITY }))
  }
  return story.replay.same ? 0 : 1
}

/** All is judged again, whatever is shown: a stage stands on those before it. */
function ofStage(story: JudgeStory, given: string | null): JudgeStory {
  if (given === null) return story
  const stage = count(given, '--stage') - 1
  const observed = story.observed.filter((one) => one.stage === stage)
  if (observed.length > 0) return { ...story, observed }
  const known = story.observed.flatMap((one) => (one.stage === null ? [] : [one.stage + 1]))
  throw new UsageFault(
    `nothing was judged in stage ${given} of ${story.release}; ${
      known.length === 0
        ? 'no stage was judged yet'
        : `judged were ${[...new Set(known)].join(', ')}, for example --stage ${known[0]}`
    }`,
  )
}
