/// Takes Parquet files in the layout of the seed (year/month/day/hour folders, `MetricParquet`
/// columns) into the lake.
///
/// In: a folder of such files. Out: rows of `metrics.points` and `metrics.series`, each file once,
/// by the lake's one commit. Never: a change of what is read, or a guess at what a file does not
/// say (a histogram's buckets, a sum's temporality).
@NullMarked
package dev.firn.lake.imports;

import org.jspecify.annotations.NullMarked;
