package dev.firn.lake;

import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;

/// What a table of the lake is made with, where it does not exist yet.
///
/// @param name in namespace `metrics`
/// @param properties of the table; those that keep metadata small are added
public record LakeTable(
        String name,
        Schema schema,
        PartitionSpec spec,
        SortOrder order,
        Map<String, String> properties) {
    public LakeTable {
        properties = Map.copyOf(properties);
    }
}
