import { LABEL, MANAGER } from './names.ts'
import type { KubeObject } from './object.ts'

/** The API group of the kinds that juicify brings along. */
export const OWN_GROUP = 'juicify.dev'

const OWN_VERSION = 'v1alpha1'
const apiVersion = `${OWN_GROUP}/${OWN_VERSION}`

/** The record of a group; cluster-scoped, so that no right in a namespace reaches it. */
export const RECORD_KIND = { apiVersion, kind: 'MigrationRecord' } as const

/** A piece of a record that is too large for one object. */
export const RECORD_PART_KIND = { apiVersion, kind: 'MigrationRecordPart' } as const

/** That the content of a place on the file system is a copy of ours. */
export const COPIED_PLACE_KIND = { apiVersion, kind: 'CopiedPlace' } as const

/** A kind of ours, as RBAC and the paths of the API name it. */
export interface OwnKind {
  kind: string
  plural: string
  schema: Schema
  columns: { name: string; type: 'string' | 'integer' | 'date'; jsonPath: string; priority?: number }[]
}

type Schema =
  | { type: 'string' | 'number' | 'boolean' | 'integer'; description?: string; enum?: string[] }
  | { type: 'array'; items: Schema; description?: string }
  | {
      type: 'object'
      properties?: Record<string, Schema>
      additionalProperties?: Schema
      required?: string[]
      description?: string
    }

const text: Schema = { type: 'string' }
const texts: Schema = { type: 'array', items: text }
const yesOrNo: Schema = { type: 'boolean' }

/** The kinds that juicify brings along, in the order in which they are defined. */
export const OWN_KINDS: readonly OwnKind[] = [
  {
    kind: RECORD_KIND.kind,
    plural: 'migrationrecords',
    schema: {
      type: 'object',
      description:
        'What juicify keeps of a group of volumes under way, or migrated. Written by juicify, and by nobody else.',
      properties: {
        spec: {
          type: 'object',
          required: ['version', 'volumes', 'volumeCount'],
          properties: {
            version: { type: 'integer', description: 'The version of the form of the content.' },
            volumes: texts,
            volumeCount: { type: 'integer' },
            content: { type: 'string', description: 'Plan, originals and workloads as JSON, to the letter.' },
            parts: {
              type: 'array',
              items: text,
              description: 'The MigrationRecordParts that hold the content instead.',
            },
            recordedAt: { type: 'string', description: 'When it was first written, where that was in another object.' },
            carriedOverFrom: { type: 'string', description: 'The uid of the ConfigMap of juicify 0.1.0.' },
          },
        },
        state: {
          type: 'object',
          required: ['phase', 'stopping', 'startedAt', 'updatedAt', 'by', 'away'],
          properties: {
            phase: { type: 'string', enum: ['migrating', 'migrated', 'rolling-back'] },
            stopping: yesOrNo,
            copyBack: yesOrNo,
            startedAt: text,
            updatedAt: text,
            by: text,
            away: { type: 'object', additionalProperties: { type: 'number' } },
            quotas: { type: 'object', additionalProperties: text },
            failure: text,
            history: {
              type: 'array',
              items: text,
              description: 'What its runs have done, copied and compared: events as JSON, the oldest first.',
            },
          },
        },
      },
    },
    columns: [
      { name: 'Phase', type: 'string', jsonPath: '.state.phase' },
      { name: 'Volumes', type: 'integer', jsonPath: '.spec.volumeCount' },
      { name: 'Since', type: 'date', jsonPath: '.state.startedAt' },
      { name: 'By', type: 'string', jsonPath: '.state.by' },
      { name: 'Failure', type: 'string', jsonPath: '.state.failure', priority: 1 },
    ],
  },
  {
    kind: RECORD_PART_KIND.kind,
    plural: 'migrationrecordparts',
    schema: {
      type: 'object',
      description: 'A piece of the content of a MigrationRecord.',
      properties: { spec: { type: 'object', required: ['text'], properties: { text } } },
    },
    columns: [],
  },
  {
    kind: COPIED_PLACE_KIND.kind,
    plural: 'copiedplaces',
    schema: {
      type: 'object',
      description: 'A place on the file system whose content is a copy that juicify has made.',
      properties: {
        spec: {
          type: 'object',
          required: ['directory', 'subdir', 'existing', 'released'],
          properties: {
            directory: { type: 'string', description: 'What was copied.' },
            subdir: { type: 'string', description: 'Where it was copied to.' },
            existing: { type: 'boolean', description: 'There was something before.' },
            released: { type: 'boolean', description: 'Workloads have been switched to it.' },
            digest: { type: 'string', description: 'Of what it held when it was compared last.' },
            newest: { type: 'number' },
          },
        },
      },
    },
    columns: [
      { name: 'Directory', type: 'string', jsonPath: '.spec.directory' },
      { name: 'Place', type: 'string', jsonPath: '.spec.subdir' },
      { name: 'In use', type: 'string', jsonPath: '.spec.released' },
    ],
  },
]

/** The name of the CustomResourceDefinition of a kind of ours. */
export function definitionName({ plural }: Pick<OwnKind, 'plural'>): string {
  return `${plural}.${OWN_GROUP}`
}

/** The CustomResourceDefinition of a kind of ours. */
export function definitionOf({ kind, plural, schema, columns }: OwnKind): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: definitionName({ plural }), labels: { [LABEL.managedBy]: MANAGER } },
    spec: {
      group: OWN_GROUP,
      scope: 'Cluster',
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [
        {
          name: OWN_VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          ...(columns.length > 0 ? { additionalPrinterColumns: columns } : {}),
        },
      ],
    },
  }
}
