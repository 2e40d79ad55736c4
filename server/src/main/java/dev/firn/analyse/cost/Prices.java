package dev.firn.analyse.cost;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.config.Section;
import dev.firn.config.YamlDocuments;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// `config/prices.yaml`: what a unit of each meter costs, what is paid for whether it is used or
/// not, and budgets.
///
/// @param list name of the list of prices that holds; empty without one
/// @param price by meter, for [Meter#perPrice] of it; 0 where none stands
/// @param capacity bytes that are paid for, by meter of bytes
public record Prices(
        String list,
        String currency,
        Map<Meter, BigDecimal> price,
        Map<Meter, Long> capacity,
        List<Budget> budgets) {
    /// At no price.
    static final Prices NONE = new Prices("", "USD", Map.of(), Map.of(), List.of());

    private static final int SCALE = 9;
    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");

    public Prices {
        price = Map.copyOf(price);
        capacity = Map.copyOf(capacity);
        budgets = List.copyOf(budgets);
    }

    /// What may be spent in a calendar month (UTC).
    ///
    /// @param amount in the list's currency
    /// @param dataPlaneId only its costs; empty for all; so for the others
    record Budget(
            String name,
            BigDecimal amount,
            String dataPlaneId,
            String environment,
            String serviceName,
            String team) {
        boolean fits(Group group) {
            return fits(dataPlaneId, group.dataPlaneId())
                    && fits(environment, group.environment())
                    && fits(serviceName, group.serviceName())
                    && fits(team, group.team());
        }

        private static boolean fits(String wanted, String its) {
            return wanted.isEmpty() || wanted.equals(its);
        }
    }

    /// Reads the file that `cost.prices` names; empty for none.
    ///
    /// @throws InputException with all mistakes, one a line
    public static Prices open(String file) {
        return file.isEmpty() ? NONE : read(file, text(file));
    }

    static String text(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new InputException("cost.prices: cannot read \"" + file + "\": " + Reason.of(e));
        }
    }

    static Prices read(String file, String text) {
        var problems = new ArrayList<String>();
        Prices prices = NONE;
        for (Section document : YamlDocuments.read(file, text, problems)) {
            prices = read(document);
            document.close();
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return prices;
    }

    private static Prices read(Section document) {
        String use = document.text("use", "");
        var lists = new ArrayList<Prices>();
        for (Section one : document.sections("lists")) {
            lists.add(list(one));
        }
        var budgets = new ArrayList<Budget>();
        for (Section one : document.sections("budgets")) {
            budgets.add(budget(one));
        }
        for (Prices one : lists) {
            if (one.list.equals(use)) {
                return new Prices(use, one.currency, one.price, one.capacity, budgets);
            }
        }
        document.problem(
                "use",
                "there is no list \"%s\"; name one of %s"
                        .formatted(use, lists.stream().map(Prices::list).toList()));
        return NONE;
    }

    private static Prices list(Section section) {
        String currency = section.text("currency", "USD");
        if (!CURRENCY.matcher(currency).matches()) {
            section.problem("currency", "\"" + currency + "\" is no code such as EUR or USD");
        }
        Section prices = section.section("prices");
        var price = new EnumMap<Meter, BigDecimal>(Meter.class);
        for (Meter meter : Meter.values()) {
            price.put(meter, amount(prices, meter.label()));
        }
        prices.close();
        Section paid = section.section("paid_for");
        var capacity = new EnumMap<Meter, Long>(Meter.class);
        capacity(paid, "engine", Meter.ENGINE_BYTE_HOURS, capacity);
        capacity(paid, "lake", Meter.LAKE_BYTE_HOURS, capacity);
        paid.close();
        var list = new Prices(section.text("name", ""), currency, price, capacity, List.of());
        section.close();
        return list;
    }

    private static BigDecimal amount(Section section, String key) {
        BigDecimal amount = BigDecimal.valueOf(section.number(key, 0, 0, 1e9)).stripTrailingZeros();
        if (amount.scale() > SCALE) {
            section.problem(key, amount.toPlainString() + " has more than " + SCALE + " decimals");
        }
        return amount;
    }

    private static void capacity(
            Section section, String key, Meter meter, Map<Meter, Long> capacity) {
        long bytes = section.bytes(key, 0, 0, 1L << 60);
        if (bytes > 0) {
            capacity.put(meter, bytes);
        }
    }

    private static Budget budget(Section section) {
        var budget =
                new Budget(
                        section.text("name", ""),
                        amount(section, "monthly"),
                        section.text("data_plane_id", ""),
                        section.text("environment", ""),
                        section.text("service_name", ""),
                        section.text("team", ""));
        if (budget.name.isEmpty() || budget.amount.signum() == 0) {
            section.problem(
                    "name and monthly are needed: what the budget is called, and its amount");
        }
        section.close();
        return budget;
    }

    /// The price of a meter; 0 where none stands.
    BigDecimal of(Meter meter) {
        return price.getOrDefault(meter, BigDecimal.ZERO);
    }

    /// What a quantity costs.
    double cost(Meter meter, long quantity) {
        return quantity * of(meter).doubleValue() / meter.perPrice();
    }
}
