import type { UnsuitableBecause } from '../words/findings.en.ts'

/** Software that keeps its own files in a way that does not suit a network file system, told by its image. */
interface Software {
  images: RegExp
  name: string
  /** Why. */
  because: UnsuitableBecause
}

// By the last part of the image's name. What only talks to them (exporters, operators, clients) keeps no files.
const SOFTWARE: Software[] = [
  { images: /mysql|mariadb|percona|tidb/, name: 'MySQL', because: 'database' },
  { images: /postgres|pgvector|timescale|patroni|spilo/, name: 'PostgreSQL', because: 'database' },
  { images: /redis|valkey|keydb|dragonfly/, name: 'Redis', because: 'database' },
  { images: /mongo/, name: 'MongoDB', because: 'database' },
  { images: /etcd/, name: 'etcd', because: 'database' },
  { images: /tikv|foundationdb/, name: 'a key-value store', because: 'database' },
  { images: /clickhouse/, name: 'ClickHouse', because: 'database' },
  { images: /elasticsearch|opensearch/, name: 'Elasticsearch', because: 'database' },
  { images: /cassandra|scylla/, name: 'Cassandra', because: 'database' },
  { images: /influxdb/, name: 'InfluxDB', because: 'database' },
  { images: /neo4j|milvus|weaviate|qdrant/, name: 'a database', because: 'database' },
  { images: /kafka|zookeeper|rabbitmq|pulsar/, name: 'a message log', because: 'database' },
  {
    images: /^prometheus$|victoria-metrics|thanos/,
    name: 'Prometheus',
    because: 'posix',
  },
  { images: /^grafana/, name: 'Grafana', because: 'sqlite' },
  {
    images: /minio|seaweedfs|^ceph/,
    name: 'an object store',
    because: 'object-store',
  },
]
const NO_FILES = /export|operator|adapter|backup|client|proxy|sentinel|webhook|console|mc$/

/** The software of an image that does not belong on a network file system, if it is known to be one. */
export function unsuitable(image: string): Omit<Software, 'images'> | undefined {
  const name = image.replace(/@.*$/, '').split('/').at(-1)?.replace(/:.*$/, '').toLowerCase() ?? ''
  return NO_FILES.test(name) ? undefined : SOFTWARE.find(({ images }) => images.test(name))
}
