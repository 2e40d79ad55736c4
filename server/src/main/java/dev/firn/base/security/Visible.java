package dev.firn.base.security;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which environments' points somebody sees.
///
/// @param environments as points name them, `""` for those that name none; no list at all: all
public record Visible(List<String> environments) {
    /// Everything.
    public static final Visible ALL = new Visible(List.of());

    private static final ScopedValue<Visible> CURRENT = ScopedValue.newInstance();

    public Visible {
        environments = List.copyOf(environments);
    }

    /// Of the request that the current thread answers; everything outside of one. Other threads do
    /// not inherit it: ask before they start.
    public static Visible current() {
        return CURRENT.orElse(ALL);
    }

    /// Runs a request's answer with it as [#current].
    public void during(Runnable answer) {
        ScopedValue.where(CURRENT, this).run(answer);
    }

    /// Whether it is everything.
    public boolean all() {
        return environments.isEmpty();
    }

    /// Whether an environment's points are seen.
    public boolean sees(String environment) {
        return all() || environments.contains(environment);
    }

    /// As the value of a header, of which [#fromText] makes it again.
    public String toText() {
        return environments.stream()
                .map(one -> "=" + URLEncoder.encode(one, StandardCharsets.UTF_8))
                .collect(Collectors.joining(","));
    }

    /// Of its text.
    public static Visible fromText(String text) {
        if (text.isEmpty()) {
            return ALL;
        }
        return new Visible(
                Stream.of(text.split(","))
                        .map(one -> URLDecoder.decode(one.substring(1), StandardCharsets.UTF_8))
                        .toList());
    }
}
