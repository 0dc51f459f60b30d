/** Steps of a flow in a page, as they are written and as the program of the browser gets them. */
import { z } from 'zod'
import { durationField, fill, millisOf } from '../parts/fields.ts'

const target = z.string().min(1)

const step = z.union(
  [
    z.strictObject({ goto: z.string().regex(/^(https?:\/\/|\/|\{\{)/) }),
    z.strictObject({ fill: target, with: z.string() }),
    z.strictObject({ fill: target, secret: z.string().min(1) }),
    z.strictObject({ click: target }),
    z.strictObject({ text: target }),
    z.strictObject({ selector: target }),
    z.strictObject({ gone: target }),
    z.strictObject({ wait: durationField }),
  ],
  {
    error:
      'expected one of { goto: /login }, { fill: Name, with: ana }, { fill: Password, secret: PASSWORD }, { click: Sign in }, { text: Welcome }, { selector: "#basket" }, { gone: .spinner }, { wait: 2s }',
  },
)

export const stepsField = z
  .array(step)
  .max(100)
  .default([])
  .describe(
    'In this order, each within `within`: `goto: /login` (a path, or a whole address), `fill: FIELD` and `with: TEXT` or `secret: NAME` (named under `secrets:` of the block as well), `click: TARGET`, `text: TEXT` (the page shows it), `selector: TARGET` (it is shown), `gone: TARGET` (it is not, or no longer), `wait: 2s`. A target that begins with `#`, `.` or `[` is a CSS selector, after `selector` also `canvas`, `dialog`, `form`, `iframe`, `img`, `main`, `svg`, `table` and `video`; others are what people read: a label, a placeholder, the words of a button or link',
  )

export type Step = z.infer<typeof step>

/** What the program does; durations in milliseconds. */
export type Move =
  | { readonly do: 'goto'; readonly url: string }
  | { readonly do: 'fill'; readonly target: string; readonly value: string | null; readonly secret: string | null }
  | { readonly do: 'click' | 'selector' | 'gone' | 'text'; readonly target: string }
  | { readonly do: 'wait'; readonly ms: number }

/** `base` = the address that paths start from. */
export function moveOf(given: Step, base: string, variables: Readonly<Record<string, string>>): Move {
  const filled = (text: string): string => fill(text, variables)
  if ('goto' in given) return { do: 'goto', url: new URL(filled(given.goto), base).href }
  if ('wait' in given) return { do: 'wait', ms: millisOf(given.wait) }
  if ('with' in given) return { do: 'fill', target: filled(given.fill), value: filled(given.with), secret: null }
  if ('secret' in given) return { do: 'fill', target: filled(given.fill), value: null, secret: given.secret }
  if ('click' in given) return { do: 'click', target: filled(given.click) }
  if ('text' in given) return { do: 'text', target: filled(given.text) }
  if ('gone' in given) return { do: 'gone', target: filled(given.gone) }
  return { do: 'selector', target: filled(given.selector) }
}
