package dev.firn.query.promql.eval;

import java.util.HashMap;
import java.util.Map;

/// All functions by name; each family stands in a file of its own.
final class FunctionTable {
    private static final Map<String, VectorFunction> VECTORS = vectors();
    private static final Map<String, RangeFunction> RANGES = ranges();

    private FunctionTable() {}

    private static Map<String, VectorFunction> vectors() {
        var functions = new HashMap<String, VectorFunction>();
        MathFunctions.register(functions);
        DateFunctions.register(functions);
        ScalarFunctions.register(functions);
        LabelFunctions.register(functions);
        SortFunctions.register(functions);
        HistogramFunctions.register(functions);
        DistributionFunctions.register(functions);
        TimestampFunctions.register(functions);
        Absence.register(functions);
        InfoFunction.register(functions);
        return Map.copyOf(functions);
    }

    private static Map<String, RangeFunction> ranges() {
        var functions = new HashMap<String, RangeFunction>();
        RateFunctions.register(functions);
        InstantRateFunctions.register(functions);
        ChangeFunctions.register(functions);
        OverTimeFunctions.register(functions);
        SumFunctions.register(functions);
        TrendFunctions.register(functions);
        return Map.copyOf(functions);
    }

    static Map<String, VectorFunction> vectorFunctions() {
        return VECTORS;
    }

    static Map<String, RangeFunction> rangeFunctions() {
        return RANGES;
    }
}
