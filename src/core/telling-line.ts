/** The one line of a command's output that says why it failed. Pure. */

const says = /\b(error|fatal|failed|failure|cannot|can't|could not|denied|refused|not found|no such|invalid|missing)\b/i
/** Lines that speak of errors and tell nothing: where a log was written, codes without words. */
const empty = /\b(complete log|debug log|error (code|errno|syscall|path)\b)/i

/**
 * The first line that names a problem, else the last that says anything; '' for silence. The path of our own script file
 * in front of a shell's complaint is left out.
 */
export function tellingLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((one) => says.test(one) && !empty.test(one)) ?? lines.at(-1) ?? ''
  return line
    .trim()
    .replace(/^\S*\/script(?:\.\w+)?: (?=line \d+: )/, '')
    .slice(0, 300)
}
