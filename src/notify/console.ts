/** Channel `console`: the terminals that are attached, and the engine's own log. */
import { z } from 'zod'
import { defineNotifier } from '../core/ports/notify.ts'

export const consoleChannel = defineNotifier({
  kind: 'console',
  summary: "Attached terminals and the engine's own log",
  config: z.strictObject({}),
  example: 'channels:\n  here: { kind: console }',
  render: ({ subject, body }) => {
    // Built-in messages say the same in both: once is enough on a terminal.
    const isRepeated = body.trim() === '' || body.trim() === subject.trim()
    return isRepeated ? subject : `${subject}\n${body.trimEnd()}`
  },
  send(rendered, _message, _config, powers) {
    for (const line of rendered.split('\n')) powers.console(visible(line))
    return Promise.resolve('shown')
  },
})

/** A message holds text from outside: what steers a terminal is shown, not obeyed. */
function visible(line: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must go
  return line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\ufffd')
}
