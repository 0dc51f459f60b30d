/** The steps of a checklist by phase, each with who does it. */
import type { Rung, Survey } from '../../../../src/api/wire/web.ts'
import { visible } from '../release/visible.ts'

const rungWords: Readonly<Record<Rung, string>> = { machine: 'by machine', attested: 'attested', manual: 'by word' }

export function Steps({ phases }: Pick<Survey, 'phases'>) {
  return (
    <div class="steps">
      {phases
        .filter(({ steps }) => steps.length > 0)
        .map(({ title, kind, steps }, at) => (
          <section key={at}>
            <h3>
              {visible(title)} {kind !== 'gate' && <span class="hint">{kind}</span>}
            </h3>
            <ul>
              {steps.map(({ id, text, rung, word, danger }) => (
                <li key={id} class={rung === null ? 'is-group' : undefined}>
                  <span class="words">{visible(text)}</span>
                  {rung !== null && (
                    <span class={`rung is-${rung}`}>
                      {rungWords[rung]}
                      {rung !== 'manual' && <span class="hint">, {word}</span>}
                      {danger && <span class="danger"> danger</span>}
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </section>
        ))}
    </div>
  )
}
