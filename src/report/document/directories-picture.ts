import { type HierarchyNode, hierarchy } from 'd3-hierarchy'
import { scaleLinear } from 'd3-scale'
import { curveStepBefore, line } from 'd3-shape'
import { isBelow, sortByDirectory } from '../../domain/directory.ts'
import type { PlannedGroup } from '../../domain/plan.ts'
import { size } from '../../domain/quantity.ts'
import { messages } from '../../words/messages.ts'
import { type Table, table } from './block.ts'
import { element, type Markup } from './markup.ts'

/** A directory on the nodes, and where it goes. */
interface Place {
  directory: string
  nodes: string[]
  /** Its place on the file system; undefined for one that stays. */
  subdir?: string
  volumes: number
  bytes?: number
}

interface Branch {
  place?: Place
  children: Branch[]
}

/** Rows that a picture has at most; the table has all of them. */
const MOST_ROWS = 150
const ROW = 46
const INDENT = 18
const LEFT = 12

/** The picture of directories, how they lie in each other, and where they go; and the table of the same. */
export function directoriesPicture(
  groups: PlannedGroup[],
  id: string,
): { picture: Markup; title: string; table: Table } {
  const places = sortByDirectory(groups.flatMap(placesOf), ({ directory }) => directory)
  const tree = hierarchy<Branch>(treeOf(places))
  const all = tree.descendants().length - 1
  const rows: HierarchyNode<Branch>[] = []
  tree.eachBefore((node) => {
    if (node.parent && rows.length < MOST_ROWS) rows.push(node)
  })
  const says = messages().report
  const title = says.directoriesTitle
  const hidden = all - rows.length
  const height = rows.length * ROW + (hidden > 0 ? 24 : 4)
  const largest = Math.max(1, ...places.map(({ bytes = 0 }) => bytes))
  const wide = scaleLinear([0, largest], [0, 46])
  const rowOf = new Map(rows.map((node, index) => [node, index]))
  const picture = element(
    'svg',
    { role: 'img', height, 'aria-labelledby': `${id}-title ${id}-words` },
    element('title', { id: `${id}-title` }, title),
    element('desc', { id: `${id}-words` }, says.directoriesWords(all)),
    ...rows.map((node, index) => linkTo(node, index, rowOf)),
    ...rows.map((node, index) => rowAt(node, index, wide)),
    ...(hidden > 0 ? [element('text', { x: LEFT, y: height - 8, class: 'faint' }, says.moreDirectories(hidden))] : []),
  )
  return { picture, title, table: tableOf(places) }
}

function tableOf(places: Place[]): Table {
  return table(
    messages().report.directoryColumns,
    places.map(({ directory, nodes, subdir, volumes, bytes }) => [
      directory,
      nodes.join(', '),
      subdir === undefined ? messages().report.staysThere : subdir || messages().plan.root,
      volumes > 0 ? String(volumes) : '',
      bytes === undefined ? '' : size(bytes),
    ]),
  )
}

function placesOf(group: PlannedGroup): Place[] {
  const moving = new Map<string, Place>()
  for (const { directory, subdir, nodes = [] } of group.volumes) {
    const key = `${directory}\n${subdir}`
    const there = moving.get(key)
    if (there) {
      there.volumes++
      there.nodes = [...new Set([...there.nodes, ...nodes])]
    } else {
      const measured = group.copies.find((copy) => copy.directory === directory && copy.subdir === subdir)?.measured
      const bytes = measured && 'nodes' in measured ? Math.max(...measured.nodes.map((node) => node.bytes)) : undefined
      moving.set(key, { directory, subdir, nodes, volumes: 1, ...(bytes === undefined ? {} : { bytes }) })
    }
  }
  return [...moving.values(), ...group.staying.map((directory) => ({ directory, nodes: [], volumes: 0 }))]
}

/** Directories in each other; they come so that what holds one was before it. */
function treeOf(places: Place[]): Branch {
  const root: Branch = { children: [] }
  const above: Branch[] = []
  for (const place of places) {
    while (above.length > 0 && !isBelow(place.directory, above.at(-1)?.place?.directory ?? '')) above.pop()
    const branch = { place, children: [] }
    const holder = above.at(-1) ?? root
    holder.children.push(branch)
    above.push(branch)
  }
  return root
}

const xOf = (node: HierarchyNode<Branch>) => LEFT + (node.depth - 1) * INDENT

function linkTo(node: HierarchyNode<Branch>, index: number, rowOf: Map<HierarchyNode<Branch>, number>): Markup[] {
  const above = node.parent ? rowOf.get(node.parent) : undefined
  if (above === undefined || !node.parent) return []
  const draw = line().curve(curveStepBefore)
  const path = draw([
    [xOf(node.parent), above * ROW + 16],
    [xOf(node) - 4, index * ROW + 16],
  ])
  return [element('path', { class: 'link', d: path ?? '' })]
}

function rowAt(node: HierarchyNode<Branch>, index: number, wide: (bytes: number) => number): Markup[] {
  const { place } = node.data
  if (!place) return []
  const { directory, subdir, nodes, volumes, bytes } = place
  const above = node.parent?.data.place?.directory
  const name =
    above !== undefined && isBelow(directory, above) ? directory.slice(above.length).replace(/^\//, '') : directory
  const [x, y] = [xOf(node), index * ROW + 16]
  const stays = subdir === undefined
  const amount = [volumes > 0 ? messages().volumes(volumes) : '', bytes === undefined ? '' : size(bytes)]
    .filter((word) => word !== '')
    .join(', ')
  const where = stays ? messages().report.staysOnNode : `→ ${subdir || messages().plan.root}`
  const own = { class: stays ? 'stays' : 'place' }
  const on = nodes.length > 0 ? messages().plan.on(nodes) : ''
  return [
    ...(bytes === undefined
      ? []
      : [
          element('rect', {
            class: 'size',
            x: x + 8,
            y: y + 26,
            height: 4,
            width: `${Math.max(0.5, wide(bytes)).toFixed(1)}%`,
          }),
        ]),
    element('circle', { class: stays ? 'dot stays' : 'dot', cx: x, cy: y, r: 4 }),
    element('text', { x: x + 10, y: y + 4 }, name || directory),
    element('text', { x: x + 10, y: y + 21, class: `narrow ${own.class}` }, `${where}${amount ? ` · ${amount}` : ''}`),
    element('text', { x: x + 10, y: y + 21, class: 'wide faint' }, `${amount}${on}`),
    element('text', { x: '52%', y: y + 4, class: `wide ${own.class}` }, where),
  ]
}
