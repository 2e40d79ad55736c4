/// Benchmarks; never shipped. Run one class, here the decoder's:
///
/// ```
/// mvn -q -pl server,bench -DskipTests package
/// java -cp 'bench/target/classes:bench/target/lib/*' org.openjdk.jmh.Main DecoderBenchmark -prof gc
/// ```
package dev.firn.bench;
