import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCopyLog } from '../../../src/copy/log.ts'
import { printed, readLog } from '../../../src/jobs/log.ts'

describe('a path in a log', () => {
  test('is shown as it is where it can be read, and escaped where it cannot', () => {
    expect(printed('many/plain\\0040name.txt')).toBe('many/plain name.txt')
    expect(printed('new\\0012line')).toBe('new\\x0aline')
    expect(printed('back\\0134slash')).toBe('back\\\\slash')
    expect(printed('\\0346\\0225\\0260\\0346\\0215\\0256')).toBe('数据')
    expect(printed('in\\0377valid')).toBe('in\\xffvalid')
  })

  test('two names never look the same', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 6 })
    const escaped = (name: Uint8Array) => [...name].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('')
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        fc.pre(Buffer.compare(a, b) !== 0)
        expect(printed(escaped(a))).not.toBe(printed(escaped(b)))
      }),
    )
  })
})

describe('a log', () => {
  test('tells the outcome, and keeps what the tools said beside it', () => {
    const log = readLog(
      [
        'rsync: some warning',
        'juicify progress 100 1% 1.00kB/s 0:00:01',
        'juicify conflicts 2',
        'juicify conflict a\\0040b node1 node2 time',
        'juicify left socket run/s',
        'juicify lefts 7',
        'juicify attributes 3',
        'juicify result copied=5 bytes=12',
        '',
      ].join('\n'),
    )
    expect(log.result).toEqual(
      new Map([
        ['copied', '5'],
        ['bytes', '12'],
      ]),
    )
    expect(log).toMatchObject({ progress: '100 1% 1.00kB/s 0:00:01', others: ['rsync: some warning'] })
    expect(readCopyLog(log)).toMatchObject({
      conflictCount: 2,
      conflicts: [{ path: 'a b', taken: 'node1', left: 'node2', differsIn: 'time' }],
      left: { count: 7, examples: [{ kind: 'socket', path: 'run/s' }] },
      attributesLost: 3,
    })
  })

  test('without a last line there is no outcome', () => {
    expect(readLog('juicify progress 1\n').result).toBeUndefined()
    expect(readLog('').result).toBeUndefined()
  })

  test('says in what two entries differ', () => {
    const source = 'f 1a4 0 0 100 3 aa'
    const cases: [string, unknown][] = [
      [`${source} : -`, 'missing'],
      [`- : ${source}`, 'extra'],
      [`${source} : d 1ed 0 0 - - -`, ['type']],
      [`${source} : f 1ff 0 0 100 3 aa`, ['mode']],
      [`${source} : f 1a4 0 1 100 3 aa`, ['owner']],
      [`${source} : f 1a4 0 0 101 4 bb`, ['time', 'size', 'content']],
      ['l - 0 0 - - 6161 : l - 0 0 - - 6262', ['target']],
    ]
    for (const [fields, what] of cases) {
      expect(readCopyLog(readLog(`juicify differs a/b ${fields}\n`)).differences).toEqual([{ path: 'a/b', what }])
    }
  })
})
