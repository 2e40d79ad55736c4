package dev.firn;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import tools.jackson.databind.JsonNode;

/// What FOCUS 1.2 demands of a table of costs and usage, column by column, as far as Firn has the
/// column. (FOCUS 1.2, specification/columns and specification/attributes)
final class FocusRules {
    private static final Pattern NAME = Pattern.compile("(x_)?[A-Z][A-Za-z0-9]*");
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+(\\.[0-9]+)?(E-?[0-9]+)?");
    private static final Pattern TIME =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    private static final Pattern UNIT =
            Pattern.compile(
                    "([1-9][0-9]* )?(B|GiB|[A-Z][a-z]+)(-(Hours|Months))?|Hours|Microseconds");

    private static final Set<String> MANDATORY =
            Set.of(
                    "BilledCost",
                    "BillingAccountId",
                    "BillingAccountName",
                    "BillingCurrency",
                    "BillingPeriodEnd",
                    "BillingPeriodStart",
                    "ChargeCategory",
                    "ChargeClass",
                    "ChargeDescription",
                    "ChargePeriodEnd",
                    "ChargePeriodStart",
                    "ContractedCost",
                    "EffectiveCost",
                    "InvoiceIssuerName",
                    "ListCost",
                    "PricingQuantity",
                    "PricingUnit",
                    "ProviderName",
                    "PublisherName",
                    "ServiceCategory",
                    "ServiceName");

    /// Those that may be null.
    private static final Set<String> NULLABLE =
            Set.of(
                    "BillingAccountName",
                    "ChargeClass",
                    "ChargeDescription",
                    "ConsumedQuantity",
                    "ConsumedUnit",
                    "ContractedUnitPrice",
                    "ListUnitPrice",
                    "PricingCategory",
                    "PricingQuantity",
                    "PricingUnit",
                    "ResourceId",
                    "ResourceName",
                    "ResourceType",
                    "SkuId",
                    "SkuMeter",
                    "SkuPriceId",
                    "SubAccountId",
                    "SubAccountName",
                    "SubAccountType",
                    "Tags");

    private static final Set<String> DECIMALS =
            Set.of(
                    "BilledCost",
                    "ConsumedQuantity",
                    "ContractedCost",
                    "ContractedUnitPrice",
                    "EffectiveCost",
                    "ListCost",
                    "ListUnitPrice",
                    "PricingQuantity");

    private static final Map<String, Set<String>> VALUES =
            Map.of(
                    "ChargeCategory", Set.of("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
                    "ChargeClass", Set.of("Correction"),
                    "ChargeFrequency", Set.of("One-Time", "Recurring", "Usage-Based"),
                    "PricingCategory", Set.of("Standard", "Dynamic", "Committed", "Other"),
                    "ServiceCategory", Set.of("Management and Governance"),
                    "ServiceSubcategory",
                            Set.of(
                                    "Architecture",
                                    "Compliance",
                                    "Cost Management",
                                    "Data Governance",
                                    "Disaster Recovery",
                                    "Endpoint Management",
                                    "Observability",
                                    "Support",
                                    "Other (Management and Governance)"),
                    "BillingCurrency", Set.of("EUR"));

    private FocusRules() {}

    /// Rows of RFC 4180 text; a field without quotes that is empty is null, here "\0".
    static List<List<String>> parse(String text) {
        var rows = new ArrayList<List<String>>();
        for (String line : text.split("\r\n")) {
            var row = new ArrayList<String>();
            var field = new StringBuilder();
            boolean quoted = false;
            boolean any = false;
            for (int i = 0; i <= line.length(); i++) {
                char c = i == line.length() ? ',' : line.charAt(i);
                if (quoted && c == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                    field.append('"');
                    i++;
                } else if (c == '"') {
                    quoted = !quoted;
                    any = true;
                } else if (c == ',' && !quoted) {
                    row.add(any || !field.isEmpty() ? field.toString() : "\0");
                    field.setLength(0);
                    any = false;
                } else {
                    field.append(c);
                }
            }
            rows.add(row);
        }
        return rows;
    }

    static List<String> columns(Path parquet) throws IOException {
        try (var reader = ParquetFileReader.open(new LocalInputFile(parquet))) {
            return reader.getFileMetaData().getSchema().getFields().stream()
                    .map(one -> one.getName())
                    .toList();
        }
    }

    /// What is against the rules; the first row has the names.
    static Set<String> problems(List<List<String>> rows) {
        var problems = new HashSet<String>();
        List<String> names = rows.getFirst();
        MANDATORY.stream()
                .filter(one -> !names.contains(one))
                .forEach(one -> problems.add(one + " is missing"));
        if (new HashSet<>(names).size() < names.size()) {
            problems.add("a column stands twice");
        }
        for (List<String> row : rows.subList(1, rows.size())) {
            var values = new HashMap<String, String>();
            if (row.size() != names.size()) {
                problems.add("a row has " + row.size() + " fields: " + row);
                continue;
            }
            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i);
                if (row.get(i).equals("\0")) {
                    if (!NULLABLE.contains(name)) {
                        problems.add(name + " is null");
                    }
                } else {
                    values.put(name, row.get(i));
                    value(name, row.get(i), problems);
                }
            }
            row(values, problems);
        }
        return problems;
    }

    private static void value(String name, String value, Set<String> problems) {
        boolean fine =
                NAME.matcher(name).matches()
                        && !value.isEmpty()
                        && !value.equals("Not Applicable")
                        && VALUES.getOrDefault(name, Set.of(value)).contains(value)
                        && (!DECIMALS.contains(name) || DECIMAL.matcher(value).matches())
                        && (!name.matches(".*Period(Start|End)") || TIME.matcher(value).matches())
                        && (!name.endsWith("Unit") || UNIT.matcher(value).matches());
        if (name.equals("Tags")) {
            JsonNode tags = Served.parse(value);
            fine &= tags.isObject();
            for (JsonNode one : tags) {
                fine &= one.isValueNode();
            }
        }
        if (!fine) {
            problems.add(name + " is \"" + value + "\"");
        }
    }

    private static void row(Map<String, String> row, Set<String> problems) {
        BigDecimal quantity = new BigDecimal(row.get("PricingQuantity"));
        require(
                quantity.multiply(new BigDecimal(row.get("ListUnitPrice")))
                                .compareTo(new BigDecimal(row.get("ListCost")))
                        == 0,
                "ListCost is not ListUnitPrice times PricingQuantity: " + row,
                problems);
        require(
                quantity.multiply(new BigDecimal(row.get("ContractedUnitPrice")))
                                .compareTo(new BigDecimal(row.get("ContractedCost")))
                        == 0,
                "ContractedCost is not ContractedUnitPrice times PricingQuantity",
                problems);
        require(row.containsKey("SkuId"), "Usage has no SkuId", problems);
        require(row.containsKey("SkuPriceId"), "Usage has no SkuPriceId", problems);
        require(row.containsKey("ConsumedQuantity"), "Usage has no ConsumedQuantity", problems);
        require(
                row.containsKey("ResourceId") == row.containsKey("ResourceType"),
                "ResourceType does not go with ResourceId",
                problems);
        require(
                row.containsKey("SubAccountId") == row.containsKey("SubAccountType"),
                "SubAccountType does not go with SubAccountId",
                problems);
        Instant begin = Instant.parse(row.get("ChargePeriodStart"));
        Instant end = Instant.parse(row.get("ChargePeriodEnd"));
        Instant billingBegin = Instant.parse(row.get("BillingPeriodStart"));
        Instant billingEnd = Instant.parse(row.get("BillingPeriodEnd"));
        require(
                !begin.isBefore(billingBegin) && begin.isBefore(end) && !end.isAfter(billingEnd),
                "the charge period is not within the billing period",
                problems);
        require(
                billingBegin.atOffset(ZoneOffset.UTC).getDayOfMonth() == 1
                        && billingBegin
                                .atOffset(ZoneOffset.UTC)
                                .plusMonths(1)
                                .toInstant()
                                .equals(billingEnd),
                "the billing period is no month",
                problems);
    }

    private static void require(boolean holds, String problem, Set<String> problems) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
