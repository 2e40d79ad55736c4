package dev.firn.query.promql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.query.promql.value.Labels;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LabelsTest {
    @Test
    void settingALabelIsPuttingItIntoTheMap() {
        Forall.of(
                1000,
                1,
                random -> {
                    var map = new TreeMap<String, String>();
                    Labels labels = Labels.EMPTY;
                    for (int i = 0; i < 12; i++) {
                        String name = "l" + random.nextInt(6);
                        String value = random.nextInt(3) == 0 ? "" : "v" + random.nextInt(3);
                        map.put(name, value);
                        labels = labels.with(name, value);
                        assertThat(labels).isEqualTo(Labels.of(map));
                        assertThat(labels.get(name)).isEqualTo(value);
                    }
                });
    }
}
