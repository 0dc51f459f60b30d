/** `init`: a first checklist that works at once. Never writes over anything. */
import { writeFile } from 'node:fs/promises'
import { word } from '../../report/view/shell-word.ts'
import type { Run } from '../command-entry.ts'
import { UsageFault } from '../faults.ts'

/** A check that a machine makes, a question for a person, an action with its undo: one of each, and all of it works anywhere. */
const first = `---
holdpoint: 1
service: my-service
---
# Release checklist
## Readiness
- [ ] Everything is committed
  \`\`\`sh check severity=warning
  changes=$(git status --porcelain)
  test -z "$changes"
  \`\`\`
- [ ] Somebody read the changes since the last release
## Release
- [ ] Ship it
  \`\`\`sh run
  echo "shipping $HOLDPOINT_SERVICE $HOLDPOINT_VERSION"
  \`\`\`
  \`\`\`sh undo
  echo "back to $HOLDPOINT_PREVIOUS"
  \`\`\`
`

export const init: Run = async (context, words) => {
  const [file = 'RELEASE.md'] = words
  try {
    await writeFile(file, first, { flag: 'wx' })
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')
      throw new UsageFault(`${file} exists already and stays as it is. Run it: holdpoint run ${word(file)} --version 1`)
    throw fault
  }
  context.out(`wrote ${file}; run it:\n  holdpoint run ${word(file)} --version 1`)
  return 0
}
