package dev.firn.query.promql.lang;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Aggregations over the series of an instant vector.
public enum AggregateOp {
    SUM,
    AVG,
    COUNT,
    MIN,
    MAX,
    GROUP,
    STDDEV,
    STDVAR,
    TOPK,
    BOTTOMK,
    COUNT_VALUES,
    QUANTILE,
    LIMITK,
    LIMIT_RATIO;

    /// As it is written.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether a parameter stands before the vector.
    public boolean hasParameter() {
        return switch (this) {
            case TOPK, BOTTOMK, COUNT_VALUES, QUANTILE, LIMITK, LIMIT_RATIO -> true;
            case SUM, AVG, COUNT, MIN, MAX, GROUP, STDDEV, STDVAR -> false;
        };
    }

    /// Whether it hands on whole input series instead of combining them.
    public boolean selects() {
        return this == TOPK || this == BOTTOMK || this == LIMITK || this == LIMIT_RATIO;
    }

    boolean isExperimental() {
        return this == LIMITK || this == LIMIT_RATIO;
    }

    static @Nullable AggregateOp of(String word) {
        for (AggregateOp op : values()) {
            if (op.text().equals(word.toLowerCase(Locale.ROOT))) {
                return op;
            }
        }
        return null;
    }
}
