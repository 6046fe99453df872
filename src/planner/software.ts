/** Software that keeps its own files in a way that does not suit a network file system, told by its image. */
interface Software {
  images: RegExp
  name: string
  /** Why, as the second half of a sentence. */
  why: string
}

const DATABASE = 'a database waits at every commit until its file is uploaded, and its random writes fragment there'

// By the last part of the image's name. What only talks to them (exporters, operators, clients) keeps no files.
const SOFTWARE: Software[] = [
  { images: /mysql|mariadb|percona|tidb/, name: 'MySQL', why: DATABASE },
  { images: /postgres|pgvector|timescale|patroni|spilo/, name: 'PostgreSQL', why: DATABASE },
  { images: /redis|valkey|keydb|dragonfly/, name: 'Redis', why: DATABASE },
  { images: /mongo/, name: 'MongoDB', why: DATABASE },
  { images: /etcd/, name: 'etcd', why: DATABASE },
  { images: /tikv|foundationdb/, name: 'a key-value store', why: DATABASE },
  { images: /clickhouse/, name: 'ClickHouse', why: DATABASE },
  { images: /elasticsearch|opensearch/, name: 'Elasticsearch', why: DATABASE },
  { images: /cassandra|scylla/, name: 'Cassandra', why: DATABASE },
  { images: /influxdb/, name: 'InfluxDB', why: DATABASE },
  { images: /neo4j|milvus|weaviate|qdrant/, name: 'a database', why: DATABASE },
  { images: /kafka|zookeeper|rabbitmq|pulsar/, name: 'a message log', why: DATABASE },
  {
    images: /^prometheus$|victoria-metrics|thanos/,
    name: 'Prometheus',
    why: 'its time series want a local POSIX disk',
  },
  { images: /^grafana/, name: 'Grafana', why: 'it keeps an SQLite database, which wants a local disk' },
  {
    images: /minio|seaweedfs|^ceph/,
    name: 'an object store',
    why: 'it keeps blocks of its own, and the file system may stand on it',
  },
]
const NO_FILES = /export|operator|adapter|backup|client|proxy|sentinel|webhook|console|mc$/

/** The software of an image that does not belong on a network file system, if it is known to be one. */
export function unsuitable(image: string): Omit<Software, 'images'> | undefined {
  const name = image.replace(/@.*$/, '').split('/').at(-1)?.replace(/:.*$/, '').toLowerCase() ?? ''
  return NO_FILES.test(name) ? undefined : SOFTWARE.find(({ images }) => images.test(name))
}
