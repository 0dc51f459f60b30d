/** Which workers may run a command, by their labels. */
import type { Settings } from './settings.ts'

const label = /^[A-Za-z0-9][\w.-]{0,62}$/

/** null = nothing is said, so what is said further out holds. */
export function readWorker(settings: Settings): readonly string[] | null {
  const place = settings.placeOf('worker')
  const names = settings.names('worker')
  const wrong = names?.find((name) => !label.test(name))
  if (wrong !== undefined) {
    settings.error('bad-value', place, {
      found: `the label "${wrong}" for "worker" in ${settings.what}`,
      expected: 'letters, digits, ".", "-" and "_", at most 63 of them',
      example: settings.line('worker', 'gpu,eu-1'),
    })
    return null
  }
  return names === null ? null : [...new Set(names)]
}
