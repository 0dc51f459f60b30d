/** Files that are let go over a step, or pasted while it has the focus, become evidence of the answer to it. */
import { useEffect, useRef } from 'preact/hooks'
import type { StepView } from '../../../../src/api/wire/web.ts'
import { answering, type Decision } from './decisions.ts'

export type OnFiles = (step: string, files: readonly File[]) => void

/** Anywhere on the page: a file that misses a step does not replace the page. */
export function useFilesOnSteps(onFiles: OnFiles): void {
  const newest = useRef(onFiles)
  newest.current = onFiles
  useEffect(() => {
    let over: HTMLElement | null = null
    const mark = (place: HTMLElement | null): void => {
      if (place === over) return
      over?.classList.remove('is-over')
      place?.classList.add('is-over')
      over = place
    }
    const drag = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files') !== true || isInDialog(event)) return
      event.preventDefault()
      mark(stepOf(event.target))
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) mark(null)
    }
    const drop = (event: DragEvent): void => {
      mark(null)
      if (isInDialog(event)) return
      event.preventDefault()
      tell(stepOf(event.target), event.dataTransfer)
    }
    const paste = (event: ClipboardEvent): void => {
      if (isInDialog(event)) return
      tell(stepOf(document.activeElement), event.clipboardData)
    }
    const tell = (place: HTMLElement | null, data: DataTransfer | null): void => {
      const files = [...(data?.files ?? [])]
      const step = place?.dataset['step']
      if (files.length > 0 && step !== undefined) newest.current(step, files)
    }
    document.addEventListener('dragover', drag)
    document.addEventListener('dragleave', leave)
    document.addEventListener('drop', drop)
    document.addEventListener('paste', paste)
    return () => {
      document.removeEventListener('dragover', drag)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('drop', drop)
      document.removeEventListener('paste', paste)
    }
  }, [])
}

/** A dialog takes its own files. */
function isInDialog(event: Event): boolean {
  return event.target instanceof Element && event.target.closest('dialog') !== null
}

function stepOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('[data-step]') : null
}

/** null = this step takes no evidence as it stands. */
export function answerWith(step: StepView, files: readonly File[]): Decision | null {
  const { asks } = step
  if (asks === null || asks.signaturesNeeded > 0) return null
  return { ...answering(step, asks.options.length === 1 ? (asks.options[0] ?? null) : null), files }
}
