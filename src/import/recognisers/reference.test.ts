/** What is only there to be read. */
import { describe, expect, test } from 'vitest'
import { known } from './cases.ts'
import { reference } from './reference.ts'

describe('something to read', () => {
  test.for([
    ['a line of the contents list', '- [Before](#before)\n', 1],
    ['only a link', '- [The handbook](https://shop.example/handbook)\n', 1],
    ['a list of links', '## Related links\n\n- The handbook of the team\n', 3],
    ['a pointer', '- See [the wiki](https://shop.example/wiki) about keys\n', 1],
    ['a sentence that points', 'For details, ask the wiki.\n', 1],
  ] as const)('%s', ([, text, line]) =>
    expect(known(reference, text, line)).toMatchObject({ kind: 'reference', role: 'note' }),
  )

  test.for([
    ['a task', '- [ ] [Before](#before)\n', 1],
    ['a link among words', '- Read [the wiki](https://shop.example/wiki) aloud\n', 1],
    ['a step', '- Update the links on the page\n', 1],
    ['a sentence', 'Seeing is believing.\n', 1],
  ] as const)('is not %s', ([, text, line]) => expect(known(reference, text, line)).toBeNull())
})
