package dev.firn.ops.load;

import dev.firn.base.InputException;
import java.util.ArrayList;
import java.util.List;

/// A data plane: one environment in one region, as in the seed (prod, dev, qa, one each).
///
/// @param weight relative share of all requests
public record Plane(String id, String environment, String region, double weight) {
    private static final List<String> REGIONS =
            List.of("eu-central-1", "us-east-1", "ap-southeast-1", "eu-west-1");
    private static final double PROD_WEIGHT = 10;

    /// `prod,dev,qa` or `prod:2,dev,qa`: environments with the number of planes in each.
    public static List<Plane> parse(String text) {
        List<Plane> planes = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String[] pieces = part.strip().split(":", -1);
            String environment = pieces[0];
            int count = pieces.length == 2 ? number(pieces[1], text) : 1;
            boolean known = planes.stream().anyMatch(p -> p.environment.equals(environment));
            if (pieces.length > 2 || !environment.matches("[a-z][a-z0-9-]*") || known) {
                throw wrong(text);
            }
            for (int i = 1; i <= count; i++) {
                double weight = environment.equals("prod") ? PROD_WEIGHT : 1;
                String region = REGIONS.get((i - 1) % REGIONS.size());
                planes.add(new Plane(environment + "-" + i, environment, region, weight));
            }
        }
        return List.copyOf(planes);
    }

    private static int number(String text, String all) {
        if (!text.matches("[1-9][0-9]{0,2}")) {
            throw wrong(all);
        }
        return Integer.parseInt(text);
    }

    private static InputException wrong(String text) {
        return new InputException(
                "cannot read planes \""
                        + text
                        + "\": give environments once each, with a number of planes from 1 to 999"
                        + " after a colon, like \"prod:2,dev,qa\"");
    }
}
