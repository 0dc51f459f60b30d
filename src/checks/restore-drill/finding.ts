/** Finds files by the time of their completion: the part of a program that those of backups share. Run by the launcher with `node`. */

/** Needs `given` with `minBytes`, `settledMs` and `skewMs`, `told.skipped`, and the class `Broken`. */
export const finding = String.raw`
// * stands for any text: each piece between two of them is found behind the one before, the last one at the end.
function fits(pattern, name) {
  const [first, ...pieces] = pattern.split('*')
  if (!name.startsWith(first)) return false
  if (pieces.length === 0) return name === first
  const last = pieces.pop()
  let at = first.length
  for (const piece of pieces) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}

function matching(pattern) {
  const folder = path.dirname(pattern)
  let names
  try {
    names = fs.readdirSync(folder)
  } catch (cause) {
    throw new Broken('the folder of backups cannot be read: ' + cause.code)
  }
  return names.filter((name) => fits(path.basename(pattern), name)).map((name) => path.join(folder, name))
}

function sizeOf(file, stat) {
  if (!stat.isDirectory()) return stat.size
  return fs.readdirSync(file).reduce((sum, name) => sum + fs.statSync(path.join(file, name)).size, 0)
}

function standing(file) {
  const stat = fs.statSync(file)
  const last = stat.isDirectory()
    ? Math.max(stat.mtimeMs, ...fs.readdirSync(file).map((name) => fs.statSync(path.join(file, name)).mtimeMs))
    : stat.mtimeMs
  return { file, name: path.basename(file), bytes: sizeOf(file, stat), completedAt: Math.round(last), isFolder: stat.isDirectory() }
}

function skip(name, why) {
  told.skipped.push({ name, why })
}

// By the time of completion and never by name: names lie, and some sort the wrong way.
function candidates(pattern) {
  const now = Date.now()
  const found = []
  for (const file of matching(pattern)) {
    const name = path.basename(file)
    if (/\.(part|partial|tmp|temp|incomplete)$/i.test(name) || name.startsWith('.')) { skip(name, 'its name says that it is being written'); continue }
    if (/\.(sha256|md5|sig|asc)$/i.test(name)) continue
    let one
    try { one = standing(file) } catch (cause) { skip(name, 'it cannot be looked at: ' + cause.code); continue }
    if (one.bytes === 0) skip(name, 'it is empty')
    else if (one.bytes < given.minBytes) skip(name, 'it has ' + one.bytes + ' bytes, expected at least ' + given.minBytes)
    else if (one.completedAt > now + given.skewMs) skip(name, 'it was changed ' + Math.round((one.completedAt - now) / 1000) + ' s in the future: clocks differ, so its age is not known')
    else if (now - one.completedAt < given.settledMs) skip(name, 'it changed ' + Math.max(0, Math.round((now - one.completedAt) / 1000)) + ' s ago and may still be written')
    else found.push(one)
  }
  return found.sort((one, other) => other.completedAt - one.completedAt)
}
`
