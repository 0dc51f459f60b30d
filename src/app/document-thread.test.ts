/** The thread for documents: it answers, it is stopped by a document that takes too long, and others are served after that. */
import { afterEach, describe, expect, test } from 'vitest'
import { type DocumentThread, openDocumentThread } from './document-thread.ts'
import { DeskIsBusy, DocumentTooMuch } from '../import/desk/documents.ts'

const lintJob = (text: string) => ({
  file: 'x.md',
  bytes: Buffer.from(text),
  shared: null,
  fix: false,
  today: null,
})

let thread: DocumentThread | null = null
afterEach(() => thread?.close())

describe('the thread for documents', () => {
  test('answers several who ask at once, each with their own', async () => {
    thread = openDocumentThread()
    const { documents } = thread
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((word) =>
        documents.lint(lintJob(`---\nholdpoint: 1\nservice: ${word}\n---\n# X\n\n- [ ] Y\n`)),
      ),
    )
    expect(answers.map(({ plan }) => plan?.service)).toEqual(['one', 'two', 'three'])
  }, 60_000)

  test('gives up on a document that takes too long, and serves the next', async () => {
    thread = openDocumentThread({ patienceMs: 1 })
    const { documents } = thread
    const huge = '# X\n\n' + '- [ ] `curl http://a.example/healthz` answers\n'.repeat(8_000)
    const slow = documents.preview({
      file: 'x.md',
      bytes: Buffer.from(huge),
      repair: false,
      earlier: null,
      today: null,
    })
    await expect(slow).rejects.toBeInstanceOf(DocumentTooMuch)
    thread.close()
    thread = openDocumentThread()
    expect((await thread.documents.lint(lintJob('# X\n'))).declared).toBe(false)
  }, 60_000)

  test('takes no more than it can hold, and tells those who wait when it ends', async () => {
    thread = openDocumentThread({ mostWaiting: 1 })
    const { documents } = thread
    const asked = [1, 2, 3].map(() => documents.lint(lintJob('# X\n')).catch((cause: unknown) => cause))
    expect(await asked[2]).toBeInstanceOf(DeskIsBusy)
    thread.close()
    expect(await Promise.all(asked.slice(0, 2))).toEqual([expect.any(DeskIsBusy), expect.any(DeskIsBusy)])
  }, 60_000)
})
