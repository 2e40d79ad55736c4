-- Describes a cluster of the server's remote_servers: shards, whether all weigh the same, whether all replicate by themselves; then the names of all clusters. Parameters: ${cluster}.
SELECT
    uniqExactIf(shard_num, cluster = '${cluster}'),
    uniqExactIf(shard_weight, cluster = '${cluster}'),
    minIf(internal_replication, cluster = '${cluster}'),
    arrayStringConcat(arraySort(groupUniqArray(cluster)), ', ')
FROM system.clusters
