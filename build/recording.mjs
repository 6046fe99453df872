// Records `juicify demo` as docs/demo-light.svg and docs/demo-dark.svg: a real run of the bundle in dist, as a terminal of
// 100 columns shows it. `npm run recording` makes both anew.
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const COLUMNS = 100
const ROWS = 30
/** Pixels. */
const LINE = 18
const CHARACTER = 7.8
const MARGIN = 14
/** Seconds that one has to read: what is there when a command is typed, and the end. */
const READ = 3
/** Most and fewest seconds between two lines: what the run waited for is shortened, and what it says at once is drawn out. */
const [LONGEST, SHORTEST] = [0.6, 0.05]

const THEMES = {
  light: {
    back: '#ffffff',
    frame: '#d0d7de',
    text: '#1f2328',
    31: '#cf222e',
    32: '#116329',
    33: '#7d4e00',
    34: '#0550ae',
    35: '#6639ba',
    36: '#1b7c83',
    90: '#656d76',
    dim: '#656d76',
  },
  dark: {
    back: '#0d1117',
    frame: '#30363d',
    text: '#e6edf3',
    31: '#ff7b72',
    32: '#3fb950',
    33: '#d29922',
    34: '#58a6ff',
    35: '#bc8cff',
    36: '#39c5cf',
    90: '#8b949e',
    dim: '#8b949e',
  },
}

/** The lines of the demo, each with the moment at which it came, in seconds. */
function record() {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const lines = []
    let rest = ''
    // both streams are one terminal
    const child = spawn('sh', ['-c', `"${process.execPath}" dist/juicify.cjs demo --color 2>&1`], {
      cwd: root,
      env: { ...process.env, COLUMNS: String(COLUMNS), FORCE_COLOR: '1', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const parts = (rest + text).split('\n')
      rest = parts.pop()
      const at = (performance.now() - began) / 1000
      for (const part of parts) lines.push(...wrapped(styled(part)).map((cells) => ({ at, cells })))
    })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(lines) : reject(new Error(`the demo ended with ${code}`))))
  })
}

/** A line as characters with their classes. */
function styled(line) {
  const cells = []
  const on = new Set()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
  for (const [, codes, character] of line.matchAll(/\x1b\[([\d;]*)m|(.)/gu)) {
    if (character !== undefined) {
      cells.push({ character, style: [...on].join(' ') })
      continue
    }
    for (const code of codes.split(';').map(Number)) apply(on, code)
  }
  return cells
}

function apply(on, code) {
  const isColor = (name) => /^c\d/.test(name)
  if (code === 0) on.clear()
  else if (code === 1) on.add('bold')
  else if (code === 2) on.add('dim')
  else if (code === 22) for (const name of ['bold', 'dim']) on.delete(name)
  else {
    for (const name of [...on].filter(isColor)) on.delete(name)
    if (code !== 39) on.add(`c${code}`)
  }
}

/** As a terminal breaks a line that is too long. */
function wrapped(cells) {
  if (cells.length <= COLUMNS) return [cells]
  return [cells.slice(0, COLUMNS), ...wrapped(cells.slice(COLUMNS))]
}

const isCommand = ({ cells }) => cells[0]?.character === '$'

/** When each line is shown: as it came, but for waiting and reading. */
function shownAt(lines) {
  let now = 0
  return lines.map((line, i) => {
    const passed = line.at - (lines[i - 1]?.at ?? line.at)
    now += Math.min(Math.max(passed, SHORTEST), LONGEST) + (i > 0 && isCommand(line) ? READ : 0)
    return now
  })
}

function svgOf(lines, theme) {
  const times = shownAt(lines)
  const whole = times.at(-1) + READ
  // the last line is always at the foot of the screen
  const frames = lines.map((_, i) => {
    const percent = ((times[i] / whole) * 100).toFixed(2)
    return `${percent}%{transform:translateY(${(ROWS - i - 1) * LINE}px)}`
  })
  const [width, height] = [COLUMNS * CHARACTER + 2 * MARGIN, ROWS * LINE + 2 * MARGIN]
  const end = `translateY(${(ROWS - lines.length) * LINE}px)`
  const colors = Object.entries(theme).flatMap(([code, color]) => (/^\d/.test(code) ? `.c${code}{fill:${color}}` : []))
  return `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" role="img" aria-label="juicify demo in a terminal">
<style>
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${theme.text};white-space:pre}
.bold{font-weight:bold}.dim{fill:${theme.dim}}${colors.join('')}
#s{transform:${end};animation:s ${whole.toFixed(1)}s step-end infinite}
@keyframes s{${frames.join('')}to{transform:${end}}}
@media (prefers-reduced-motion:reduce){#s{animation:none}}
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${theme.back}" stroke="${theme.frame}"/>
<clipPath id="c"><rect x="0" y="${MARGIN}" width="${width}" height="${ROWS * LINE}"/></clipPath>
<g clip-path="url(#c)"><g transform="translate(${MARGIN} ${MARGIN})"><g id="s">
${lines
  .map(({ cells }, i) => textOf(cells, i))
  .filter(Boolean)
  .join('\n')}
</g></g></g>
</svg>
`
}

/** Spans of one style; each begins in its column, whatever font there is. */
function textOf(cells, row) {
  const spans = []
  for (const [column, { character, style }] of cells.entries()) {
    const last = spans.at(-1)
    if (last && last.style === style) last.text += character
    else spans.push({ column, style, text: character })
  }
  const shown = spans.filter(({ text }) => text.trim() !== '')
  if (shown.length === 0) return ''
  const y = row * LINE + 13
  return shown
    .map(({ column, style, text }) => {
      const from = column + text.length - text.trimStart().length
      const length = [...text.trim()].length
      const attributes = `${style ? ` class="${style}"` : ''} textLength="${(length * CHARACTER).toFixed(1)}"`
      return `<text x="${(from * CHARACTER).toFixed(1)}" y="${y}"${attributes}>${escaped(text.trim())}</text>`
    })
    .join('')
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const lines = await record()
for (const [name, theme] of Object.entries(THEMES)) {
  const file = join('docs', `demo-${name}.svg`)
  await writeFile(join(root, file), svgOf(lines, theme))
  process.stdout.write(`${file}\n`)
}
