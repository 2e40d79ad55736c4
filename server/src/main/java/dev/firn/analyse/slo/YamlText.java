package dev.firn.analyse.slo;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/// Documents as YAML text.
public final class YamlText {
    private YamlText() {}

    /// Documents parted by `---`.
    public static String of(List<Map<String, Object>> documents) {
        var settings =
                DumpSettings.builder()
                        .setDefaultFlowStyle(FlowStyle.BLOCK)
                        .setExplicitStart(true)
                        .setWidth(4000)
                        .setSplitLines(false)
                        .build();
        Iterator<Object> all = documents.stream().map(one -> (Object) one).iterator();
        return new Dump(settings).dumpAllToString(all);
    }

    /// A mapping in the order of the arguments: key, value, key, value …; empty texts, lists and
    /// mappings are left out.
    public static Map<String, Object> map(Object... keysAndValues) {
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            Object value = keysAndValues[i + 1];
            boolean empty =
                    value instanceof String text && text.isEmpty()
                            || value instanceof List<?> list && list.isEmpty()
                            || value instanceof Map<?, ?> inner && inner.isEmpty();
            if (!empty) {
                map.put((String) keysAndValues[i], value);
            }
        }
        return map;
    }
}
