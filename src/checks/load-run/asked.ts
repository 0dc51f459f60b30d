/** What `doctor` asks before a load: would it be let, and does each address answer a single request? */
import type { CheckPowers } from '../../core/ports/check.ts'
import { fill } from '../parts/fields.ts'
import { whyProduction } from '../parts/production-guard.ts'
import { wordsOf } from '../parts/say.ts'
import type { LoadGiven } from './settings.ts'

/** `more` = addresses that are only read, such as metrics of memory. */
export async function askAddresses(
  given: Pick<LoadGiven, 'url' | 'production' | 'in-production'>,
  more: readonly string[],
  powers: CheckPowers,
): Promise<{ ok: boolean; say: string }> {
  const url = fill(given.url, powers.variables)
  const production = given['in-production'] ? null : whyProduction(url, given.production, powers)
  if (production !== null) return { ok: false, say: `${production}: load a copy of it, or say in-production: true` }
  const all = [url, ...more.map((one) => fill(one, powers.variables))]
  const answers = await Promise.all(all.map((one) => askOnce(one, powers)))
  const wrong = answers.filter(({ ok }) => !ok)
  return { ok: wrong.length === 0, say: (wrong.length > 0 ? wrong : answers).map(({ say }) => say).join('; ') }
}

async function askOnce(url: string, { http, signal }: CheckPowers): Promise<{ ok: boolean; say: string }> {
  try {
    const { status } = await http(url, { method: 'HEAD', headers: {}, signal, redirect: 'manual' })
    return { ok: true, say: `${url} answers (${status})` }
  } catch (fault) {
    return { ok: false, say: wordsOf(fault) }
  }
}
