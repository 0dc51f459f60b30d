/** Every telling moment of a release as people see it: golden screens at 80 and 120 columns, without colour. */
import { expect, test, describe } from 'vitest'
import { summaryLines } from '../attend/summary.ts'
import { endingOf } from '../attend/ending.ts'
import { scenes } from './scenes.fixture.ts'
import { liveRegion, page } from './screen.ts'
import { widthOf } from './text.ts'

// oxlint-disable-next-line no-control-regex -- colours are control sequences
const plain = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, '')

describe.each(Object.keys(scenes))('%s', (name) => {
  const view = scenes[name]!()

  test.each([80, 120])('looks like its golden screen at %d columns', async (width) => {
    const live = liveRegion(view, { width, height: 23, colour: false, keys: 'Ctrl-C detach' })
    const whole = page(view, { width, colour: false })
    const ended = summaryLines(
      view.release,
      view,
      endingOf(view, { until: 'released', waitMs: 60_000, interactive: false }) ?? 130,
      { width, colour: false },
    )
    const text = ['--- live', ...live, '--- show', ...whole, '--- summary', ...ended, ''].join('\n')
    await expect(text).toMatchFileSnapshot(`../../../golden/screens/${name}-${width}.txt`)
  })

  test.each([
    [80, 24],
    [40, 10],
    [200, 50],
    [20, 5],
  ])('fits a terminal of %d columns and %d rows', (width, height) => {
    const lines = liveRegion(view, { width, height, colour: true, keys: 'Ctrl-C detach' })
    expect(lines.length).toBeLessThanOrEqual(height)
    for (const line of lines) expect(widthOf(plain(line)), line).toBeLessThanOrEqual(width)
  })

  test('says the same with and without colour', () => {
    const colour = page(view, { width: 80, colour: true })
      .map(plain)
      .map((line) => line.trimEnd())
    expect(colour).toEqual(page(view, { width: 80, colour: false }).map((line) => line.trimEnd()))
  })

  test('obeys no control character of a checklist', () => {
    const text = page(view, { width: 200, colour: false }).join('\n')
    // oxlint-disable-next-line no-control-regex -- looking for them
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    expect(text).toContain('\\x1b[31mred')
  })
})
