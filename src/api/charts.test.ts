/** Charts over the API: they grow as samples come, news are news only, and two who look at once see the same. */
import { afterEach, expect, test } from 'vitest'
import { phase, plan, rollout, stage, step } from '../../test/support/plan-builder.ts'
import type { Chart } from '../report/chart/chart.ts'
import { goodRelease } from '../../test/support/judged-release.ts'
import { Charts } from './charts.ts'
import { startBody, type World, world } from './test-support/world.ts'

let at: World | null = null
afterEach(() => at?.end())

/** The first `events` of a release that was judged, with the samples that were stored by then. */
function storeOf(
  judged: ReturnType<typeof goodRelease>,
  reached: { events: number },
): ConstructorParameters<typeof Charts>[0] {
  const now = () => judged.spec.recorded[reached.events - 1]!.at
  return {
    read: async (_stream, after = 0) =>
      judged.spec.recorded.slice(0, reached.events).filter(({ version }) => version > after) as never,
    batches: async (_release, name, index, after) =>
      judged.batches.filter(
        (one) => one.step === name && one.stage === index && one.to <= now() && (after === undefined || one.to > after),
      ),
  }
}

test('a chart grows with its release: whoever looks at once sees the same, and nothing is judged twice', async () => {
  const judged = goodRelease()
  const reached = { events: Math.floor(judged.spec.recorded.length / 2) }
  const charts = new Charts(storeOf(judged, reached))
  const [one, other] = await Promise.all([charts.of('id', 'r', null), charts.of('id', 'r', null)])
  expect(one).toEqual(other)
  reached.events = judged.spec.recorded.length
  const all = await charts.of('id', 'r', null)
  expect(all?.to).toEqual(judged.batches.map(({ to }) => to))
  expect(all).toEqual(await new Charts(storeOf(judged, reached)).of('id', 'r', null))
  const news = await charts.of('id', 'r', one!.to.at(-1)!)
  expect([...one!.to, ...news!.to]).toEqual(all!.to)
})

test('a store that fails in the middle of a look costs that look only', async () => {
  const judged = goodRelease()
  const store = storeOf(judged, { events: judged.spec.recorded.length })
  let fails = 1
  const shaky = {
    ...store,
    batches: (...asked: Parameters<typeof store.batches>) =>
      asked[2] === 1 && fails-- > 0 ? Promise.reject(new Error('the disk is gone')) : store.batches(...asked),
  }
  const charts = new Charts(shaky)
  await expect(charts.of('id', 'r', null)).rejects.toThrow('the disk is gone')
  expect(await charts.of('id', 'r', null)).toEqual(await new Charts(store).of('id', 'r', null))
})

test('before anything is observed the chart is null, and an unknown step has none either', async () => {
  const shop = { ...plan([phase('p', [step('r', rollout([stage(5)]))])]), digest: 'c'.repeat(64) }
  const here = (at = world(shop))
  const answer = await here.request('POST', '/v1/releases', { ...startBody(shop), environment: 'production' })
  const { release } = (await answer.json()) as { release: string }
  const asked = await Promise.all(
    ['r', 'r', 'nobody'].map((name) => here.request('GET', `/v1/releases/${release}/chart?step=${name}`)),
  )
  expect(asked.map(({ status }) => status)).toEqual([200, 200, 200])
  expect((await asked[2]!.json()) as Chart | null).toBeNull()
  const refused = await here.request('GET', `/v1/releases/${release}/chart`)
  expect(refused.status).toBe(400)
})
