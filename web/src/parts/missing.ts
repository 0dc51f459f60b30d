/** What a form still needs, in the words of its own labels; the first such field takes the focus. */

/** null = all that is required is written. */
export function missingIn(form: HTMLFormElement): string | null {
  const field = [...form.querySelectorAll<HTMLInputElement>('input:required, textarea:required')].find(
    (each) => each.value.trim() === '',
  )
  if (field === undefined) return null
  field.focus()
  return `“${field.labels?.[0]?.textContent ?? field.name}” is needed.`
}
