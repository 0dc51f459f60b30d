/** Whether the name of a stream stands in a document about an ingest: the statistics of nginx, or a list in JSON. */
import type { CheckPowers } from '../../core/ports/check.ts'
import { millisOf } from '../parts/fields.ts'
import { wordsOf } from '../parts/say.ts'

export interface Asking {
  readonly url: string
  readonly name: string
  /** As the author wrote it. */
  readonly within: string
}

export interface Look {
  /** Null = as it should be. */
  readonly why: string | null
  readonly at: number
  readonly text: string
}

const everyMs = 500

/** Again until it is as it should be, or its time is over. Never throws. */
export async function lookUntil(isListed: boolean, asking: Asking, powers: CheckPowers): Promise<Look> {
  const end = powers.clock.now() + millisOf(asking.within)
  for (;;) {
    const look = await lookOnce(isListed, asking, powers)
    if (look.why === null || powers.signal.aborted || powers.clock.now() + everyMs > end) return look
    await powers.clock.sleep(everyMs, powers.signal)
  }
}

async function lookOnce(isListed: boolean, { url, name }: Asking, { http, clock, signal }: CheckPowers): Promise<Look> {
  try {
    const answer = await http(url, { method: 'GET', headers: {}, signal, redirect: 'follow' })
    const text = await answer.text()
    const at = clock.now()
    if (answer.status !== 200) return { why: `the list answers ${answer.status}`, at, text }
    const is = names(text, name)
    const why = is ? 'its name stands in the list' : 'its name does not stand in the list'
    return { why: is === isListed ? null : why, at, text }
  } catch (fault) {
    return { why: wordsOf(fault), at: clock.now(), text: '' }
  }
}

/** As the text of an element, or as a text of JSON, whole or behind the last slash. */
function names(text: string, name: string): boolean {
  const inXml = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const inJson = JSON.stringify(name).slice(1)
  return [`>${inXml}<`, `/${inXml}<`, `"${inJson}`, `/${inJson}`].some((form) => text.includes(form))
}
