import * as v from 'valibot'
import { STEP_NAMES } from '../domain/plan.ts'

// The form of a record, as far as anything reads it: more may stand in it, and what it says is for belief.ts to judge. A record
// of juicify 0.1.0 is a ConfigMap, of which no server holds more than that it is text.

const text = v.string()
const texts = v.array(text)
const whole = v.pipe(v.number(), v.minValue(0))
const time = v.pipe(
  text,
  v.check((written) => !Number.isNaN(Date.parse(written))),
)
const byName = v.record(text, text)

const object = {
  apiVersion: text,
  kind: text,
  metadata: v.looseObject({
    name: text,
    namespace: v.optional(text),
    uid: v.optional(text),
    labels: v.optional(byName),
    annotations: v.optional(byName),
    finalizers: v.optional(texts),
    ownerReferences: v.optional(v.array(v.looseObject({ apiVersion: text, kind: text, name: text, uid: text }))),
  }),
}

const persistentVolume = v.looseObject({
  ...object,
  spec: v.looseObject({
    capacity: v.optional(byName),
    accessModes: v.optional(texts),
    mountOptions: v.optional(texts),
    claimRef: v.optional(v.looseObject({ namespace: v.optional(text), name: v.optional(text), uid: v.optional(text) })),
    csi: v.optional(v.looseObject({ driver: text, volumeHandle: text, volumeAttributes: v.optional(byName) })),
    hostPath: v.optional(v.looseObject({ path: text })),
    local: v.optional(v.looseObject({ path: text })),
  }),
})

const claim = v.looseObject({ ...object, spec: v.looseObject({ volumeName: v.optional(text) }) })

const container = v.looseObject({
  image: v.optional(text),
  volumeMounts: v.optional(v.array(v.looseObject({ name: text }))),
})
const pod = v.looseObject({
  ...object,
  spec: v.looseObject({
    containers: v.optional(v.array(container)),
    initContainers: v.optional(v.array(container)),
    volumes: v.optional(
      v.array(
        v.looseObject({
          name: text,
          persistentVolumeClaim: v.optional(v.looseObject({ claimName: text })),
        }),
      ),
    ),
  }),
})

const reference = v.looseObject({ apiVersion: text, kind: text, name: text, namespace: v.optional(text) })
const workload = v.looseObject({
  ref: reference,
  quiesce: text,
  stopped: v.boolean(),
  replicas: v.optional(whole),
  manifest: v.optional(pod),
})

const group = v.looseObject({
  name: text,
  directories: texts,
  volumes: v.array(
    v.looseObject({
      name: text,
      directory: text,
      subdir: text,
      nodes: v.optional(texts),
      claim: v.optional(claim),
      before: persistentVolume,
      after: persistentVolume,
    }),
  ),
  workloads: v.array(v.looseObject({ ref: reference, quiesce: text })),
  staying: texts,
  copies: v.array(v.looseObject({ directory: text, subdir: text, nodes: texts, parts: v.optional(texts) })),
  joins: v.optional(v.array(v.looseObject({ directory: text, subdir: text, volumes: texts, nodes: texts }))),
  steps: v.array(v.picklist(STEP_NAMES)),
})

const migration = v.looseObject({
  name: text,
  paths: v.array(v.looseObject({ from: v.optional(text), node: v.optional(text), volume: v.optional(text), to: text })),
  // of each kind of file system, what any of them has
  target: v.looseObject({
    kind: v.optional(text),
    driver: v.optional(text),
    name: v.optional(text),
    secretRef: v.optional(v.looseObject({ name: text, namespace: text })),
    csi: v.optional(v.looseObject({ driver: text, volumeHandle: text, volumeAttributes: byName })),
    nfs: v.optional(v.looseObject({ server: text, path: text })),
    mountOptions: v.optional(texts),
    volumeAttributes: v.optional(byName),
  }),
  source: v.looseObject({ nodes: v.union([text, texts]) }),
  copy: v.looseObject({
    mode: text,
    mover: v.optional(text),
    image: v.optional(text),
    imagePullSecrets: v.optional(v.array(v.looseObject({ name: text }))),
    serviceAccountName: v.optional(text),
  }),
  quiesce: v.looseObject({ unfinished: text, rolling: v.array(v.looseObject({})) }),
})

const RECORD_FORM = v.looseObject({
  kept: v.looseObject({
    group,
    plan: v.looseObject({
      name: text,
      digest: text,
      cluster: v.looseObject({ uid: text }),
      migration,
      jobs: v.optional(v.looseObject({ mover: text, image: v.optional(text) })),
    }),
    originals: v.record(text, persistentVolume),
    claims: v.record(text, claim),
    workloads: v.array(workload),
    restore: v.record(text, persistentVolume),
  }),
  state: v.looseObject({
    phase: v.picklist(['migrating', 'migrated', 'rolling-back']),
    stopping: v.boolean(),
    copyBack: v.optional(v.boolean()),
    startedAt: time,
    updatedAt: time,
    by: text,
    away: v.record(text, whole),
    quotas: v.optional(byName),
    failure: v.optional(text),
    history: v.optional(texts),
  }),
})

/** The first part of what should be a record that is not as juicify writes it, by its path; undefined where all are. */
export function misshapen(record: { kept: unknown; state: unknown }): string | undefined {
  const { issues = [] } = v.safeParse(RECORD_FORM, record, { abortEarly: true })
  const [first] = issues
  return first && (v.getDotPath(first) ?? 'kept')
}
