import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '../../..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

test.each(['light', 'dark'])(
  'the recording in %s shows the whole demo, is small, and needs nothing from anywhere',
  (theme) => {
    const svg = read(`docs/demo-${theme}.svg`)
    const text = svg.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]+>/g, '\n')
    for (const command of ['plan -f plans/cube-studio.yaml', 'apply', 'resume', 'rollback'])
      expect(text).toContain(`$ juicify ${command}`)
    expect(text).toContain('^C')
    expect(text).toContain('Volumes and claims are as they were before')
    expect(text).toContain('the embedded cluster of fixtures/cube-studio-2026')
    expect(svg.length).toBeLessThan(100_000)
    expect(svg.match(/https?:[^"]*/g)).toEqual(['http://www.w3.org/2000/svg'])
    expect(svg).toMatch(/prefers-reduced-motion/)
    expect(read('README.md')).toContain(`docs/demo-${theme}.svg`)
  },
)
