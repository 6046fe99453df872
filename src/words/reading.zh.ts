import type { Found } from '../domain/reading.ts'
import type { ReadingWords } from './reading.en.ts'

const TYPES = { map: '映射', list: '列表', nothing: '空值', number: '数字', boolean: '布尔值' }

function described(found: Found): string {
  if (found.is === 'string') return JSON.stringify(found.text)
  return 'text' in found ? `${TYPES[found.is]} ${found.text}` : TYPES[found.is]
}

const orMeant = (near: string | undefined) => (near ? `；是否想写 ${near}？` : '')

/** What is wrong within a migration or a file of answers, in Chinese. */
export const reading: ReadingWords = {
  string: (found, quoted) =>
    `应为字符串，实际为 ${described(found)}${quoted === undefined ? '' : `；请写作 "${quoted}"`}`,
  filledString: () => '应为非空字符串，实际为空字符串',
  boolean: (found) => `应为 true 或 false，实际为 ${described(found)}`,
  positiveNumber: (found) => `应为大于 0 的数字，实际为 ${described(found)}`,
  wholeNumber: (most, found) => `应为 1 到 ${most} 的整数，实际为 ${described(found)}`,
  oneOf: (allowed, found, near) => `应为 ${allowed.join(' 或 ')}，实际为 ${described(found)}${orMeant(near)}`,
  list: (found) => `应为列表，实际为 ${described(found)}`,
  map: (found) => `应为映射，实际为 ${described(found)}`,
  missingKey: (key) => `缺少必需的键 ${key}`,
  unknownKey: (known, near) => `未知的键；${near ? `是否想写 ${near}？` : `可用的键：${known.join('、')}`}`,
  stringAsKey: (found) => `键应为字符串，实际为 ${described(found)}`,
  forbiddenKey: (key) => `不允许使用键 ${key}`,
  duplicateKey: (key) => `重复的键 ${key}`,

  errors: (file, amount) => `${file}：${amount} 处错误`,
  remedy: () => '请修正；plans/cube-studio.yaml 是迁移文件的示例。',
  oneMigration: () => '每个文件应只有一个 Migration，实际还有另一个',
  namespacesOrVolumes: () => '应有 namespaces 或 volumes，实际都没有；"*" 表示全部选择',
  labelSelector: (text) => `应为标签选择器，例如 app=web 或 tier in (a,b)，实际为 ${JSON.stringify(text)}`,
  secondRule: (what, first) => `${what} 的第二条规则；第一条是 ${first}`,
  fromAndVolume: () => '应为 from 或 volume 之一，实际两者都有',
  nodeWithoutFrom: () => '只能与 from 一起使用；卷所在的节点是已知的',
  fromOrVolume: () => '应有 from 或 volume，实际都没有',
  absolutePath: (text) => `应为绝对路径，实际为 ${JSON.stringify(text)}`,
  pathWithoutParent: (text) => `路径不能包含 ".."，实际为 ${JSON.stringify(text)}`,
  absolutePathWithoutParent: (text) => `应为不含 ".." 的绝对路径，实际为 ${JSON.stringify(text)}`,
  relativePath: (text) => `应为相对于文件系统根目录的路径，实际为 ${JSON.stringify(text)}`,
  placeholder: (known, found) => `花括号中应为 ${known.map((name) => `{${name}}`).join('、')}，实际为 {${found}}`,
  nodesOfData: () => '应为存放数据的节点，或者 auto 或 shared，实际为空列表',
  imageForRsync: () => 'mover: rsync 需要同时给出 image（含有 rsync、节点可以拉取的镜像），实际没有',
  objectName: (text) => `应为对象名称（a-z、0-9、"-" 和 "."），实际为 ${JSON.stringify(text)}`,
  workload: () => '应有 namespace、name 或 labels，实际都没有',
  oneMountOption: (text) => `应为一个不含逗号和空格的选项，实际为 ${JSON.stringify(text)}`,
  driverOfKind: (driver, kind) => `${driver} 是 ${kind} 类型的驱动；应使用该类型的设置`,
  tooLarge: (file, characters, most) => `${file}：太大（${characters} 个字符，最多 ${most} 个）`,
  checkFile: () => '请检查是否是正确的文件；迁移文件只有几十行。',
  invalidYaml: (place, why) => `${place}：不是有效的 YAML：${why}`,
  correctLine: () => '请修正该行。',
  kindInLine: (kind, line) => `第 ${line} 行${kind === undefined ? '没有 kind' : `的 ${kind}`}`,
  noMigration: (file, found) =>
    `${file}：应有类型为 Migration 的文档，实际为${found.length > 0 ? found.join('、') : '空'}`,
  startsWith: (version) => `迁移文件以 "apiVersion: ${version}" 和 "kind: Migration" 开头。`,
  setupKind: (kinds, found) => `kind 应为 ${kinds.join(' 或 ')}，实际为 ${JSON.stringify(found)}`,
  setupKindOfFlag: (kind, found) => `kind 应为 --kind 给出的 ${kind}，实际为 ${JSON.stringify(found)}`,
  onlySubdir: (text) => `花括号中只能有一个 {subdir}，实际为 ${JSON.stringify(text)}`,
  fileSystemName: (text) => `应为文件系统名称（字母、数字和连字符），实际为 ${JSON.stringify(text)}`,
  addresses: (text) => `应为 address:port，多个之间用逗号分隔，实际为 ${JSON.stringify(text)}`,
  clientLine: (text) => `应为客户端配置的一行 key=value，实际为 ${JSON.stringify(text)}`,
  subdirOption: () => 'subdir 由 spec.paths 决定；这里只能写其他选项',
}
